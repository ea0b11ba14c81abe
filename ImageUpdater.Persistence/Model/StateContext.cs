using System.Text.Json;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ImageUpdater.Persistence.Model;

/// <summary>The tables. A change of the model requires a migration (docs/contributing.md).</summary>
internal sealed class StateContext(DbContextOptions<StateContext> options) : DbContext(options)
{
    public DbSet<ImageRow> Images => Set<ImageRow>();

    public DbSet<ObservationRow> Observations => Set<ObservationRow>();

    public DbSet<ManifestRow> Manifests => Set<ManifestRow>();

    public DbSet<ManifestReadRow> ManifestReads => Set<ManifestReadRow>();

    public DbSet<WorkloadRow> Workloads => Set<WorkloadRow>();

    public DbSet<BaselineRow> Baselines => Set<BaselineRow>();

    public DbSet<DecisionRow> Decisions => Set<DecisionRow>();

    public DbSet<PullPolicyRow> PullPolicies => Set<PullPolicyRow>();

    public DbSet<PlanRow> Plans => Set<PlanRow>();

    public DbSet<PlanWorkloadRow> PlanWorkloads => Set<PlanWorkloadRow>();

    public DbSet<PlanContainerRow> PlanContainers => Set<PlanContainerRow>();

    public DbSet<RolloutRow> Rollouts => Set<RolloutRow>();

    public DbSet<QuarantineRow> Quarantine => Set<QuarantineRow>();

    public DbSet<FinalizerRemovalRow> FinalizerRemovals => Set<FinalizerRemovalRow>();

    public DbSet<AuditRow> Audit => Set<AuditRow>();

    public DbSet<AuditCounterRow> AuditCounter => Set<AuditCounterRow>();

    public DbSet<CursorRow> Cursors => Set<CursorRow>();

    public DbSet<RetentionRow> Retention => Set<RetentionRow>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MomentConversion>();
        configurationBuilder.Properties<TimeSpan>().HaveConversion<TimeSpanToTicksConverter>();
        configurationBuilder.Properties<Digest>().HaveConversion<DigestConversion>();
        configurationBuilder.Properties<ImageReference>().HaveConversion<ImageReferenceConversion>();
        configurationBuilder.Properties<AuditAction>().HaveConversion<NameConversion<AuditAction>>();
        configurationBuilder.Properties<BaselineOrigin>().HaveConversion<NameConversion<BaselineOrigin>>();
        configurationBuilder.Properties<ContainerAction>().HaveConversion<NameConversion<ContainerAction>>();
        configurationBuilder.Properties<DecisionReason>().HaveConversion<NameConversion<DecisionReason>>();
        configurationBuilder.Properties<PlanStatus>().HaveConversion<NameConversion<PlanStatus>>();
        configurationBuilder.Properties<RegistryFailureKind>().HaveConversion<NameConversion<RegistryFailureKind>>();
        configurationBuilder.Properties<RolloutVerification>().HaveConversion<NameConversion<RolloutVerification>>();
        configurationBuilder.Properties<RolloutState>().HaveConversion<NameConversion<RolloutState>>();
        configurationBuilder.Properties<WorkloadKind>().HaveConversion<NameConversion<WorkloadKind>>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ImageRow>(image =>
        {
            image.ToTable("images").HasIndex(row => new { row.Registry, row.Repository, row.Tag, row.Reader }).IsUnique();
            image.Property(row => row.FailureMessage).HasConversion<ProseConversion>();
            image.Ignore(row => row.Reference).Ignore(row => row.Observed);
        });
        modelBuilder.Entity<ObservationRow>(observation =>
        {
            observation.ToTable("observations").HasIndex(row => new { row.ImageId, row.Id });
            observation.HasOne<ImageRow>().WithMany(row => row.Observations).HasForeignKey(row => row.ImageId);
        });
        modelBuilder.Entity<ManifestRow>(manifest => manifest.ToTable("manifests").HasKey(row => row.Digest));
        modelBuilder.Entity<ManifestReadRow>(read =>
        {
            read.ToTable("manifest_reads").HasKey(row => new { row.Image, row.Reader });
            read.HasIndex(row => row.Digest);
            read.Property(row => row.FailureMessage).HasConversion<ProseConversion>();
        });
        modelBuilder.Entity<WorkloadRow>(workload =>
        {
            workload.ToTable("workloads").HasKey(row => row.Uid);
            workload.HasIndex(row => new { row.Namespace, row.Kind, row.Name });
            workload.Ignore(row => row.Key);
        });
        modelBuilder.Entity<BaselineRow>(baseline =>
        {
            baseline.ToTable("baselines").HasKey(row => new { row.WorkloadUid, row.Container });
            baseline.HasOne(row => row.Workload).WithMany().HasForeignKey(row => row.WorkloadUid);
            baseline.Ignore(row => row.ContainerId);
        });
        modelBuilder.Entity<DecisionRow>(decision =>
        {
            decision.ToTable("decisions").HasKey(row => new { row.WorkloadUid, row.Container });
            decision.HasOne(row => row.Workload).WithMany().HasForeignKey(row => row.WorkloadUid);
            decision.Property(row => row.ImageText).HasConversion<ProseConversion>();
            decision.Property(row => row.Explanation).HasConversion<ProseConversion>();
            decision.Ignore(row => row.ContainerId);
        });
        modelBuilder.Entity<PullPolicyRow>(policy =>
        {
            policy.ToTable("pull_policies").HasKey(row => new { row.WorkloadUid, row.Container });
            policy.HasOne(row => row.Workload).WithMany().HasForeignKey(row => row.WorkloadUid);
            policy.Ignore(row => row.ContainerId);
        });
        modelBuilder.Entity<PlanRow>(plan =>
        {
            plan.ToTable("plans").HasKey(row => row.Number);
            plan.HasIndex(row => row.Id).IsUnique();
            plan.HasIndex(row => row.CreatedAt);
        });
        modelBuilder.Entity<PlanWorkloadRow>(workload =>
        {
            // No foreign key to the plans: retention deletes the first plan of a row before the last one.
            workload.ToTable("plan_workloads").HasIndex(row => new { row.Series, row.UntilPlan });
        });
        modelBuilder.Entity<PlanContainerRow>(container =>
        {
            container.ToTable("plan_containers").HasKey(row => new { row.PlanWorkloadId, row.Position });
            container.HasOne<PlanWorkloadRow>().WithMany(row => row.Containers).HasForeignKey(row => row.PlanWorkloadId);
            container.Ignore(row => row.Content);
            container.Property(row => row.ImageText).HasConversion<ProseConversion>();
            container.Property(row => row.Explanation).HasConversion<ProseConversion>();
        });
        modelBuilder.Entity<RolloutRow>(rollout =>
        {
            rollout.ToTable("rollouts").HasIndex(row => new { row.WorkloadUid, row.StartedAt });
            rollout.HasIndex(row => row.StartedAt);
            rollout.HasIndex(row => row.State).HasFilter($"state IN ('{nameof(RolloutState.Intended)}', '{nameof(RolloutState.Running)}')");
            rollout.Property(row => row.Outcome).HasConversion<ProseConversion>();
            rollout.Property(row => row.VerificationMessage).HasConversion<ProseConversion>();
            rollout.Ignore(row => row.Workload);
        });
        modelBuilder.Entity<QuarantineRow>(quarantine =>
        {
            quarantine.ToTable("quarantine").HasKey(row => new { row.RolloutId, row.Container });
            quarantine.Property(row => row.Why).HasConversion<ProseConversion>();
        });
        modelBuilder.Entity<FinalizerRemovalRow>(removal => removal.ToTable("finalizer_removals").HasKey(row => row.WorkloadUid));
        modelBuilder.Entity<AuditRow>(audit =>
        {
            audit.ToTable("audit").HasIndex(row => new { row.Namespace, row.Kind, row.Name, row.Id });
            audit.HasIndex(row => new { row.WorkloadUid, row.Id });
            audit.HasIndex(row => row.At);
            // An applied patch has exactly one audit record, even if intent recovery and the executor both find it.
            audit.HasIndex(row => row.RolloutId).IsUnique().HasFilter($"action = '{nameof(AuditAction.Restarted)}'");
            audit.Property(row => row.Id).ValueGeneratedNever();
            audit.Property(row => row.Message).HasConversion<ProseConversion>();
        });
        modelBuilder.Entity<AuditCounterRow>(counter =>
        {
            counter.ToTable("audit_counter", table => table.HasCheckConstraint("CK_audit_counter_one_row", "id = 1"));
            counter.Property(row => row.Id).ValueGeneratedNever();
        });
        modelBuilder.Entity<CursorRow>(cursor => cursor.ToTable("cursors").HasKey(row => row.Reader));
        modelBuilder.Entity<RetentionRow>(retention =>
        {
            retention.ToTable("retention", table => table.HasCheckConstraint("CK_retention_one_row", "id = 1"));
            retention.Property(row => row.Id).ValueGeneratedNever();
        });

        // snake_case, as usual in SQL.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
