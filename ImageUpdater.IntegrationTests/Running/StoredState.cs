using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Reads the state store, while the Host runs or after its end.</summary>
internal sealed record StoredState(string State, IReadOnlyList<AuditRecord> Audit, IReadOnlyList<Rollout> Rollouts, IReadOnlyList<FinalizerRemoval> OpenRemovals)
{
    /// <summary>Newest first. Empty if there is no store yet.</summary>
    public static async Task<StoredState> ReadAsync(World world, string? state = null)
    {
        var path = state ?? world.State;
        var opened = await OpenAsync(path);
        if (!opened.IsSuccess(out var store, out var refusal))
        {
            Assert.True(refusal.Kind is StateStoreProblem.NoState or StateStoreProblem.OlderSchema, refusal.Message);
            return new StoredState(path, [], [], []);
        }

        await using var _ = store;
        return new StoredState(
            path,
            await store.Reporting.AuditAsync(new AuditFilter { Limit = 10_000 }, CancellationToken.None),
            await store.Reporting.RolloutsAsync(DateTimeOffset.MinValue, until: null, @namespace: null, limit: 10_000, CancellationToken.None),
            await store.Applying.OpenFinalizerRemovalsAsync(CancellationToken.None));
    }

    public IReadOnlyList<AuditRecord> Of(AuditAction action) => [.. Audit.Where(record => record.Action == action)];

    /// <summary>The newest rollout of the workload with this name.</summary>
    public Rollout? Newest(string name) => Rollouts.FirstOrDefault(rollout => rollout.Workload.Name == name);

    /// <summary>
    /// Checks the invariants: every patch that took effect has exactly one audit record, with its body; no ended rollout is open;
    /// no digest was rolled out twice.
    /// </summary>
    public async Task AgreeWithAsync(World world, string context = "")
    {
        var effective = SentRestart.Effective(world);
        var evidence = $"{context}\nsent:\n{string.Join('\n', SentRestart.All(world))}\nrollouts:\n{string.Join('\n', Rollouts.Select(Line))}\naudit:\n{string.Join('\n', Audit)}";
        var problems = await ProblemsAsync();
        Assert.True(problems.Count == 0, $"{string.Join('\n', problems)}\n{evidence}");

        var told = Of(AuditAction.Restarted).Select(record => record.Patch).Order(StringComparer.Ordinal);
        Assert.True(effective.Select(sent => sent.Body).Order(StringComparer.Ordinal).SequenceEqual(told), $"patches and records differ\n{evidence}");
        Assert.True(Rollouts.All(rollout => rollout.State is not (RolloutState.Intended or RolloutState.Running)), $"a rollout is open\n{evidence}");

        var rolledOut = new HashSet<(string Workload, string Container, string Digest)>();
        foreach (var sent in effective)
        {
            var news = sent.LastDigest.Select(entry => rolledOut.Add((sent.Workload, entry.Key, entry.Value))).ToList();
            Assert.True(news.Contains(true), $"restarted twice for one digest: {sent}\n{evidence}");
        }

        foreach (var workload in effective.GroupBy(sent => sent.Workload, StringComparer.Ordinal))
        {
            var revisions = world.Sandbox!.Rollouts.All.Count(record => !record.First && $"{record.Kind}/{record.Name}" == workload.Key);
            Assert.True(revisions == workload.Count(), $"{workload.Key}: {workload.Count()} patches, {revisions} new revisions\n{evidence}");
        }
    }

    public async Task<IReadOnlyList<string>> ProblemsAsync()
    {
        await using var store = (await OpenAsync(State)).Value!;
        return await store.Upkeep.CheckAsync(CancellationToken.None);
    }

    private static Task<Result<StateStore, StateStoreRefusal>> OpenAsync(string path) =>
        StateStore.OpenAsync(new StateStoreOptions { Path = path, Access = StateStoreAccess.ReadOnly }, TimeProvider.System, CancellationToken.None);

    private static string Line(Rollout rollout) => $"{rollout.Id} {rollout.Workload} {rollout.State} {rollout.RestartedAt} {rollout.Outcome}";
}
