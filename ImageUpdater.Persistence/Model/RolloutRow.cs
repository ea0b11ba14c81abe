using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

internal sealed class RolloutRow
{
    public required string Id { get; set; }

    public required string WorkloadUid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    /// <summary>No foreign key: retention may delete the plan before the rollout.</summary>
    public string? PlanId { get; set; }

    public required string Actor { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public required string RestartedAt { get; set; }

    public required string LastDigest { get; set; }

    public string? PreviousLastDigest { get; set; }

    public string? PreviousRestartedAt { get; set; }

    public required string Patch { get; set; }

    public required string ResourceVersionBefore { get; set; }

    public string? ResourceVersionAfter { get; set; }

    /// <summary>JSON array.</summary>
    public required string Changes { get; set; }

    /// <summary>JSON array.</summary>
    public required string Baselines { get; set; }

    /// <summary>JSON array.</summary>
    public required string PullPolicies { get; set; }

    public required RolloutState State { get; set; }

    public int PaceUpdated { get; set; }

    public int PaceAvailable { get; set; }

    public TimeSpan PaceWithoutProgress { get; set; }

    /// <summary>Null before the workload was read for the first time.</summary>
    public DateTimeOffset? PaceAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public string? Outcome { get; set; }

    public RolloutVerification? Verification { get; set; }

    public string? VerificationMessage { get; set; }

    public WorkloadKey Workload => new(Namespace, Kind, Name);

    /// <summary>Saves what changes after the intent.</summary>
    public void Save(Rollout rollout)
    {
        State = rollout.State;
        ResourceVersionAfter = rollout.ResourceVersionAfter;
        EndedAt = rollout.EndedAt;
        Outcome = rollout.Outcome;
        Verification = rollout.Verification;
        VerificationMessage = rollout.VerificationMessage;
        if (rollout.Pace is { } pace)
            (PaceUpdated, PaceAvailable, PaceWithoutProgress, PaceAt) = (pace.Updated, pace.Available, pace.WithoutProgress, pace.At);
    }

    public static RolloutRow Of(Rollout rollout) => new()
    {
        Id = rollout.Id,
        WorkloadUid = rollout.Uid,
        Namespace = rollout.Workload.Namespace,
        Kind = rollout.Workload.Kind,
        Name = rollout.Workload.Name,
        PlanId = rollout.PlanId,
        Actor = rollout.Actor,
        StartedAt = rollout.StartedAt,
        RestartedAt = rollout.RestartedAt,
        LastDigest = rollout.LastDigest,
        PreviousLastDigest = rollout.PreviousLastDigest,
        PreviousRestartedAt = rollout.PreviousRestartedAt,
        Patch = rollout.Patch,
        ResourceVersionBefore = rollout.ResourceVersionBefore,
        ResourceVersionAfter = rollout.ResourceVersionAfter,
        Changes = StoredJson.Write(rollout.Changes),
        Baselines = StoredJson.Write(rollout.Baselines),
        PullPolicies = StoredJson.Write(rollout.PullPolicies),
        State = rollout.State,
        EndedAt = rollout.EndedAt,
        Outcome = rollout.Outcome,
        Verification = rollout.Verification,
        VerificationMessage = rollout.VerificationMessage,
    };

    public Rollout ToRollout() => UnreadableRecordException.Reading($"rollout {Id}", Read);

    private Rollout Read() => new()
    {
        Id = Id,
        Uid = WorkloadUid,
        Workload = Workload,
        PlanId = PlanId,
        Actor = Actor,
        StartedAt = StartedAt,
        RestartedAt = RestartedAt,
        LastDigest = LastDigest,
        PreviousLastDigest = PreviousLastDigest,
        PreviousRestartedAt = PreviousRestartedAt,
        Patch = Patch,
        ResourceVersionBefore = ResourceVersionBefore,
        ResourceVersionAfter = ResourceVersionAfter,
        Changes = StoredJson.ReadChanges(Changes),
        Baselines = StoredJson.ReadBaselines(Baselines, WorkloadUid),
        PullPolicies = StoredJson.ReadPullPolicies(PullPolicies),
        State = State,
        Pace = PaceAt is { } paceAt ? new RolloutPace(PaceUpdated, PaceAvailable, PaceWithoutProgress, paceAt) : null,
        EndedAt = EndedAt,
        Outcome = Outcome,
        Verification = Verification,
        VerificationMessage = VerificationMessage,
    };
}
