using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.State;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class PlanningState(StateDatabase database, TimeProvider time) : IPlanningState
{
    public async Task<StateSnapshot> LoadAsync(CancellationToken cancellationToken)
    {
        // Open rollouts before quarantine: a rollout that fails between the two reads would otherwise be in neither.
        var open = await database.Cache.OpenRollouts.GetAsync(cancellationToken);
        var quarantine = await database.Cache.Quarantine.GetAsync(cancellationToken);
        return new StateSnapshot(
            await database.Cache.Baselines.GetAsync(cancellationToken),
            await database.Cache.Decisions.GetAsync(cancellationToken),
            quarantine,
            await database.Cache.PullPolicies.GetAsync(cancellationToken),
            open,
            await database.Cache.Paces.GetAsync(cancellationToken));
    }

    public Task<IReadOnlyDictionary<string, DateTimeOffset>> LastRestartsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, DateTimeOffset>>(async context => await context.Rollouts
            .Where(row => row.State != RolloutState.Intended && row.State != RolloutState.NotApplied)
            .GroupBy(row => row.WorkloadUid)
            .Select(rollouts => new { Uid = rollouts.Key, At = rollouts.Max(row => row.StartedAt) })
            .ToDictionaryAsync(last => last.Uid, last => last.At, cancellationToken));

    public Task<IReadOnlyDictionary<string, DateTimeOffset>> LastServedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<string, DateTimeOffset>>(async context => await context.Rollouts
            .Where(row => row.State != RolloutState.NotApplied && row.StartedAt <= now)
            .GroupBy(row => row.Namespace)
            .Select(rollouts => new { Namespace = rollouts.Key, At = rollouts.Max(row => row.StartedAt) })
            .ToDictionaryAsync(last => last.Namespace, last => last.At, cancellationToken));

    public Task<IReadOnlyDictionary<Digest, IReadOnlySet<string>>> VerifiedInAsync(IReadOnlySet<Digest> digests, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Digest, IReadOnlySet<string>>>(async context =>
        {
            var namespaces = new Dictionary<Digest, IReadOnlySet<string>>();
            foreach (var digest in digests)
            {
                var text = digest.Value;
                var rows = await context.Rollouts
                    .Where(row => row.State == RolloutState.Succeeded && row.Verification == RolloutVerification.Verified && row.Changes.Contains(text))
                    .Select(row => new { row.Namespace, row.Changes }).ToListAsync(cancellationToken);
                // The text may also be the digest before.
                namespaces[digest] = rows.Where(row => StoredJson.ReadChanges(row.Changes).Any(change => change.To == digest)).Select(row => row.Namespace).ToHashSet(StringComparer.Ordinal);
            }

            return namespaces;
        });

    public Task<IReadOnlyDictionary<ObservedImage, IReadOnlyList<Observation>>> ObservationsAsync(
        IReadOnlyCollection<ObservedImage> images, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<ObservedImage, IReadOnlyList<Observation>>>(async context =>
        {
            var repositories = images.Select(read => read.Image.Repository).Distinct().ToArray();
            var rows = await context.Images.AsNoTracking()
                .Where(row => EF.Parameter(repositories).Contains(row.Repository))
                .Select(row => new { Image = row, Newest = row.Observations.OrderByDescending(observation => observation.Id).Take(limit).ToList() })
                .ToListAsync(cancellationToken);
            return rows.Select(row => (Image: row.Image.Observed, row.Newest)).Where(row => images.Contains(row.Image)).ToDictionary(
                row => row.Image,
                row => (IReadOnlyList<Observation>)[.. row.Newest.Select(newest => newest.ToObservation(row.Image))]);
        });

    public Task SavePlanAsync(string id, RolloutPlan plan, string actor, JournalEntry entry, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            await StoredPlans.AddAsync(context, id, plan, actor, cancellationToken);
            if (!entry.IsEmpty)
                await WriteJournalAsync(context, plan, entry, cancellationToken);
            return true;
        },
        cancellationToken);

    public Task SaveDecisionsAsync(RolloutPlan plan, JournalEntry entry, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            await WriteJournalAsync(context, plan, entry, cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<string?> NewestPlanAsync(PlanScope scope, CancellationToken cancellationToken) => database.ReadAsync(context =>
    {
        var (namespaces, kinds) = (PlanRow.Namespaces(scope), PlanRow.Kinds(scope));
        return context.Plans.Where(row => row.ScopeNamespace == namespaces && row.ScopeKinds == kinds)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Select(row => row.Id).FirstOrDefaultAsync(cancellationToken);
    });

    public Task SavePacesAsync(IReadOnlyDictionary<string, RolloutPace?> paces, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var uids = paces.Keys.ToArray();
            foreach (var row in await context.Workloads.Where(row => EF.Parameter(uids).Contains(row.Uid)).ToListAsync(cancellationToken))
                row.Save(paces[row.Uid]);
            return true;
        },
        cancellationToken);

    public Task<bool> SetPlanStatusAsync(string id, PlanStatus status, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            if (await context.Plans.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
                return false;

            row.Status = status;
            return true;
        },
        cancellationToken);

    public Task LiftQuarantineAsync(string rolloutId, string reason, string actor, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var held = await HeldAsync(context.Quarantine.Where(row => row.RolloutId == rolloutId), cancellationToken);
            await StateChanges.SaveAsync(context, HoldChanges.Release(held, reason, actor, time.GetUtcNow()), cancellationToken);
            return true;
        },
        cancellationToken);

    public Task<int> RetryAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var held = await HeldAsync(
                context.Quarantine.Where(row => row.Namespace == workload.Namespace && row.Kind == workload.Kind && row.Name == workload.Name && row.RetryBy == null),
                cancellationToken);
            var uids = held.Select(entry => entry.Id.WorkloadUid).Distinct().ToArray();
            var baselines = await context.Baselines.Where(row => EF.Parameter(uids).Contains(row.WorkloadUid))
                .ToDictionaryAsync(row => row.ContainerId, row => row.Digest, cancellationToken);
            await StateChanges.SaveAsync(context, HoldChanges.Retry(held, baselines, actor, time.GetUtcNow()), cancellationToken);
            return held.Count;
        },
        cancellationToken);

    public Task<int> ForgetAsync(WorkloadKey workload, string actor, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var uids = await context.Workloads
                .Where(row => row.Namespace == workload.Namespace && row.Kind == workload.Kind && row.Name == workload.Name)
                .Select(row => row.Uid).ToListAsync(cancellationToken);
            var forgotten = 0;
            foreach (var uid in uids)
            {
                var held = await HeldAsync(context.Quarantine.Where(row => row.WorkloadUid == uid && row.RetryBy == null), cancellationToken);
                var baselines = await context.Baselines.Where(row => row.WorkloadUid == uid).ToListAsync(cancellationToken);
                var decisions = await context.Decisions.Where(row => row.WorkloadUid == uid).ToListAsync(cancellationToken);
                var policies = await context.PullPolicies.Where(row => row.WorkloadUid == uid).ToListAsync(cancellationToken);
                var isKnown = baselines.Count + decisions.Count + policies.Count > 0;
                var digests = baselines.ToDictionary(row => row.ContainerId, row => row.Digest);
                await StateChanges.SaveAsync(context, HoldChanges.Forget(workload, uid, held, digests, isKnown, actor, time.GetUtcNow()), cancellationToken);
                context.RemoveRange([.. baselines, .. decisions, .. policies]);
                forgotten += baselines.Count;
            }

            return forgotten;
        },
        cancellationToken);

    private static async Task<IReadOnlyList<QuarantinedDigest>> HeldAsync(IQueryable<QuarantineRow> which, CancellationToken cancellationToken) =>
        [.. (await which.ToListAsync(cancellationToken)).Select(row => row.ToQuarantined())];

    private static async Task WriteJournalAsync(
        StateContext context, RolloutPlan plan, JournalEntry entry, CancellationToken cancellationToken)
    {
        var touched = entry.Decisions.Select(decision => decision.Id.WorkloadUid).Concat(entry.Adopted.Select(baseline => baseline.Id.WorkloadUid)).ToHashSet();
        var keys = plan.Workloads.Where(workload => touched.Contains(workload.Uid)).ToDictionary(workload => workload.Uid, workload => workload.Key);
        await ContainerRows.AddWorkloadsAsync(context, keys, cancellationToken);
        await ContainerRows.SaveDecisionsAsync(context, entry.Decisions, entry.Gone, cancellationToken);
        await ContainerRows.SaveBaselinesAsync(context, entry.Adopted, cancellationToken);
        context.Audit.AddRange(entry.Audit.Select(AuditRow.Of));
    }
}
