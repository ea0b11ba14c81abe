using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Database;

/// <summary>Caches what every cycle reads. Read-only access is not cached, because another process may be writing.</summary>
internal sealed class StateMemory(StateDatabase database)
{
    private readonly Remembered<IReadOnlyDictionary<ImageReference, ImageState>> images = new();
    private readonly Remembered<IReadOnlyDictionary<ContainerId, Baseline>> baselines = new();
    private readonly Remembered<IReadOnlyDictionary<ContainerId, LastDecision>> decisions = new();
    private readonly Remembered<IReadOnlySet<ContainerId>> pullPolicies = new();
    private readonly Remembered<IReadOnlyDictionary<string, RolloutPace>> paces = new();
    private readonly Remembered<IReadOnlyDictionary<string, LastRestart>> lastSucceeded = new();

    public Task<IReadOnlyDictionary<ImageReference, ImageState>> ImagesAsync(CancellationToken cancellationToken) => RecallAsync(images, () => database.ReadAsync(async context =>
    {
        var rows = await context.Images.ToListAsync(cancellationToken);
        return (IReadOnlyDictionary<ImageReference, ImageState>)rows.Select(row => row.ToState()).ToDictionary(state => state.Image);
    }));

    public Task<IReadOnlyDictionary<ContainerId, Baseline>> BaselinesAsync(CancellationToken cancellationToken) => RecallAsync(baselines, () => database.ReadAsync(async context =>
    {
        var rows = await context.Baselines.ToListAsync(cancellationToken);
        return (IReadOnlyDictionary<ContainerId, Baseline>)rows.ToDictionary(row => row.ContainerId, row => row.ToBaseline());
    }));

    public Task<IReadOnlyDictionary<ContainerId, LastDecision>> DecisionsAsync(CancellationToken cancellationToken) => RecallAsync(decisions, () => database.ReadAsync(async context =>
    {
        var rows = await context.Decisions.Include(row => row.Workload).ToListAsync(cancellationToken);
        return (IReadOnlyDictionary<ContainerId, LastDecision>)rows.ToDictionary(row => row.ContainerId, row => row.ToDecision());
    }));

    public Task<IReadOnlySet<ContainerId>> PullPoliciesSetAsync(CancellationToken cancellationToken) => RecallAsync(pullPolicies, () => database.ReadAsync(async context =>
    {
        var rows = await context.PullPolicies.ToListAsync(cancellationToken);
        return (IReadOnlySet<ContainerId>)rows.Select(row => row.ContainerId).ToHashSet();
    }));

    public Task<IReadOnlyDictionary<string, RolloutPace>> PacesAsync(CancellationToken cancellationToken) => RecallAsync(paces, () => database.ReadAsync(async context =>
    {
        var rows = await context.Workloads.Where(row => row.PaceAt != null).ToListAsync(cancellationToken);
        return (IReadOnlyDictionary<string, RolloutPace>)rows.ToDictionary(row => row.Uid, row => row.ToPace()!, StringComparer.Ordinal);
    }));

    public Task<IReadOnlyDictionary<string, LastRestart>> LastSucceededAsync(CancellationToken cancellationToken) => RecallAsync(lastSucceeded, () => database.ReadAsync(async context =>
    {
        var rows = await context.Rollouts
            .Where(row => row.State == RolloutState.Succeeded
                && !context.Rollouts.Any(newer => newer.WorkloadUid == row.WorkloadUid && newer.StartedAt > row.StartedAt && newer.State != RolloutState.NotApplied))
            .Select(row => new { row.WorkloadUid, Restart = new LastRestart(row.Id, row.RestartedAt, row.PreviousRestartedAt) })
            .ToListAsync(cancellationToken);
        return (IReadOnlyDictionary<string, LastRestart>)rows.DistinctBy(row => row.WorkloadUid).ToDictionary(row => row.WorkloadUid, row => row.Restart, StringComparer.Ordinal);
    }));

    public void ForgetImages() => images.Changed();

    public void Forget()
    {
        images.Changed();
        baselines.Changed();
        decisions.Changed();
        pullPolicies.Changed();
        paces.Changed();
        lastSucceeded.Changed();
    }

    private Task<T> RecallAsync<T>(Remembered<T> memory, Func<Task<T>> read)
        where T : class =>
        database.IsReadOnly ? read() : memory.GetAsync(read);
}
