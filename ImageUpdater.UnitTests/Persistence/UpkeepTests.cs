using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Model;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class UpkeepTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(StateStoreAccess.ReadWrite)]
    [InlineData(StateStoreAccess.ReadOnly)]
    public async Task Backup_WhileInUse_IsAWholeStore(StateStoreAccess access)
    {
        await using var writer = await folder.OpenAsync();
        await writer.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], None);
        await using var reader = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        var target = Path.Combine(folder.Folder, "backup.db");

        var result = await (access == StateStoreAccess.ReadWrite ? writer : reader).Upkeep.BackupAsync(target, None);

        Assert.True(result.IsSuccess(out var backup, out var message), message);
        Assert.Equal((target, new FileInfo(target).Length), (backup.Path, backup.SizeBytes));
        Assert.True((await folder.TryOpenAsync(path: target)).IsSuccess(out var copy, out _));
        Assert.Equal(folder.RowCounts(), folder.RowCounts(target));
        Assert.Empty(await copy.Upkeep.CheckAsync(None));
        await copy.DisposeAsync();
        Assert.Empty(Directory.EnumerateFiles(folder.Folder, "*.partial*"));
    }

    [Fact]
    public async Task Backup_FileIsThere_RefusesAndLeavesIt()
    {
        await using var store = await folder.OpenAsync();
        var target = Path.Combine(folder.Folder, "backup.db");
        await File.WriteAllTextAsync(target, "precious");

        var result = await store.Upkeep.BackupAsync(target, None);

        Assert.Contains("already exists", result.Failure, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(target));
    }

    [Fact]
    public async Task Backup_FolderIsMissing_SaysSo()
    {
        await using var store = await folder.OpenAsync();

        var result = await store.Upkeep.BackupAsync(Path.Combine(folder.Folder, "missing", "backup.db"), None);

        StoreFolder.AssertMessage(result.Failure!);
    }

    [Theory]
    [InlineData("DROP TRIGGER audit_no_update", "the audit log is not protected")]
    [InlineData("PRAGMA foreign_keys = OFF; INSERT INTO baselines VALUES ('nobody', 'web', 'docker.io/library/nginx:latest', (SELECT digest FROM images), 'FirstSeen', 1, 0)", "a row refers to a missing row")]
    [InlineData("UPDATE images SET digest = NULL", "not the one observed last")]
    [InlineData("UPDATE images SET digest = 'sha256:short'", "this version can't read")]
    [InlineData("UPDATE images SET failure_kind = 'Bored', failure_message = ''", "this version can't read")]
    [InlineData("UPDATE rollouts SET state = 'Running'", "a running rollout has no baseline")]
    [InlineData("UPDATE rollouts SET state = 'Failed'", "end does not fit")]
    [InlineData("DROP INDEX IX_audit_rollout_id; INSERT INTO audit(at, action, namespace, kind, name, workload_uid, actor, message, rollout_id) VALUES (1, 'Restarted', 'a', 'Deployment', 'a', 'a', 'a', 'a', 'r1'), (1, 'Restarted', 'a', 'Deployment', 'a', 'a', 'a', 'a', 'r1')", "more than one audit record")]
    public async Task Check_BrokenPromise_IsNamed(string sql, string expected)
    {
        await using (var store = await folder.OpenAsync())
        {
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], None);
            await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);
            Assert.Empty(await store.Upkeep.CheckAsync(None));
        }

        folder.Execute(sql);

        await using var broken = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        var problems = await broken.Upkeep.CheckAsync(None);
        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.All(problems, StoreFolder.AssertMessage);
    }

    [Fact]
    public async Task Load_NameOfANewerVersion_SaysSo()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginRolloutAsync(Samples.Rollout("r1"), None);
        folder.Execute("UPDATE rollouts SET changes = replace(changes, 'DigestChanged', 'TagMoved')");

        var failure = await Assert.ThrowsAsync<StateStoreException>(() => store.Applying.OpenRolloutsAsync(None));

        Assert.Contains("'TagMoved' is not a valid DecisionReason", failure.Message, StringComparison.Ordinal);
        StoreFolder.AssertMessage(failure.Message);
    }

    [Fact]
    public async Task SizeBytes_AfterWrites_CountsTheLogToo()
    {
        await using var store = await folder.OpenAsync();

        Assert.Equal(new FileInfo(store.Path).Length + new FileInfo(store.Path + "-wal").Length, store.SizeBytes);
        Assert.True(store.SizeBytes > 0);
    }

    [Fact]
    public async Task Check_InvalidJsonInOneRow_NamesTheRowAndChecksTheOthers()
    {
        await using var store = await folder.OpenAsync();
        foreach (var id in new[] { "plan-1", "plan-2", "plan-3" })
            await store.Planning.SavePlanAsync(id, Samples.Plan(), "mona", Samples.Journal(Samples.Plan()), None);
        folder.Execute("UPDATE plans SET warnings = '{' WHERE id = 'plan-2'; UPDATE plans SET warnings = '[1' WHERE id = 'plan-3'");

        var problems = await store.Upkeep.CheckAsync(None);

        Assert.All(problems, problem => Assert.StartsWith("a row has a value that this version can't read: plans, Id plan-", problem, StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("plan-2", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("plan-3", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains("plan-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_UnknownNameInAColumn_NamesTheRowAndChecksTheOthers()
    {
        await using var store = await folder.OpenAsync();
        foreach (var id in new[] { "r-1", "r-2", "r-3" })
            await store.Applying.BeginRolloutAsync(Samples.Rollout(id, $"uid-{id}"), None);
        folder.Execute("UPDATE rollouts SET state = 'Newer' WHERE id IN ('r-1', 'r-3')");

        var problems = (await store.Upkeep.CheckAsync(None)).Where(problem => problem.Contains("can't read", StringComparison.Ordinal)).ToList();

        Assert.Equal(["r-1", "r-3"], problems.Select(problem => problem.Split("rollouts, ")[1].Split(':')[0]));
    }

    [Fact]
    public async Task Read_FormatExceptionOfOurOwn_IsABugAndNoTroubleOfTheStore()
    {
        await using var store = await folder.OpenAsync();

        await Assert.ThrowsAsync<FormatException>(() => store.Database.ReadAsync<int>(_ => throw new FormatException("a bug")));
    }

    [Fact]
    public async Task FindPlan_InvalidJsonInARow_IsNoDamagedStore()
    {
        await using var store = await folder.OpenAsync();
        await store.Planning.SavePlanAsync("plan-1", Samples.Plan(), "mona", Samples.Journal(Samples.Plan()), None);
        folder.Execute("UPDATE plans SET warnings = '{'");

        var exception = await Assert.ThrowsAsync<StateStoreException>(() => store.Reporting.FindPlanAsync("plan-1", None));

        Assert.Equal(StateStoreProblem.UnreadableRecord, exception.Kind);
        Assert.Contains("plan plan-1 in ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("all other records are unaffected", exception.Message, StringComparison.Ordinal);
        Assert.Single(await store.Reporting.LatestPlansAsync(5, None));
    }

    [Fact]
    public void Prose_CutWithinASurrogatePair_LeavesThePairOut()
    {
        var cut = (string)new ProseConversion().ConvertToProvider(new string('x', ProseConversion.MaxLength - 1) + "\U0001F600 and more")!;

        Assert.Equal(new string('x', ProseConversion.MaxLength - 1) + "…", cut);
    }
}
