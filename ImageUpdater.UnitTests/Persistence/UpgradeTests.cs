using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Documentation;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>
/// A store of every earlier schema opens with all its records. TestData/Stores has a file for each, written by the program of its day and
/// named after its newest migration; docs/contributing.md says how one is added.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    private const string Folder = "ImageUpdater.UnitTests/TestData/Stores";

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public static TheoryData<string> Fixtures => [.. Files()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Open_StoreOfAnEarlierSchema_KeepsAllRecords(string fixture)
    {
        // Only what the fixture is, wherever the test is built: a copy is opened, since opening writes.
        File.Copy(Path.Combine(Repository.Root, Folder, fixture), folder.StorePath);
        var before = Rows(folder.StorePath);
        Assert.Equal(Path.GetFileNameWithoutExtension(fixture), Migrations(folder.StorePath)[^1]);
        Assert.All(before, table => Assert.NotEmpty(table.Value));

        await using (var store = await folder.OpenAsync())
        {
            Assert.Empty(await store.CheckAsync(None));
            Assert.Equal(before["rollouts"].Count, (await store.RolloutsAsync(DateTimeOffset.MinValue, until: null, @namespace: null, 10, None)).Count);
            Assert.True((await store.FindPlanAsync("plan-1", None)).IsSuccess(out var plan, out var problem), problem);
            Assert.NotEmpty(await store.PlanChangesAsync(plan.Summary.Id, None));
            Assert.NotEmpty(await store.AuditAsync(new(), None));
            Assert.NotEmpty(await store.LoadBaselinesAsync(None));
            Assert.NotEmpty(await store.LoadDecisionsAsync(None));
            Assert.Equal(2, (await store.LoadImagesAsync(None)).Count);
        }

        // A migration that moves a column on purpose says here what becomes of its rows.
        var after = Rows(folder.StorePath, before.ToDictionary(table => table.Key, table => table.Value[0].Keys.ToList(), StringComparer.Ordinal));
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (table, rows) in before)
            Assert.Equal(rows.Select(Line), after[table].Select(Line));
    }

    [Fact]
    public async Task Fixtures_ThereIsOneOfEverySchema()
    {
        await using var context = new StateContext(new DbContextOptionsBuilder<StateContext>().UseSqlite("Data Source=:memory:").Options);

        Assert.Equal(context.Database.GetMigrations().Order(StringComparer.Ordinal), Files().Select(file => Path.GetFileNameWithoutExtension(file)));
    }

    /// <summary>With UPDATE_FIXTURES=1 the one of the present schema is written, if it is not there; none is ever written anew.</summary>
    [Fact]
    public async Task Fixtures_HaveTheNewestSchema()
    {
        await using var context = new StateContext(new DbContextOptionsBuilder<StateContext>().UseSqlite("Data Source=:memory:").Options);
        var path = Path.Combine(Repository.Root, Folder, $"{context.Database.GetMigrations().Last()}.sqlite");
        if (Environment.GetEnvironmentVariable("UPDATE_FIXTURES") == "1" && !File.Exists(path))
        {
            await WriteAsync(path);
            foreach (var (table, rows) in Rows(path))
            {
                Assert.True(rows.Count > 0, $"WriteAsync puts nothing into {table}");
                // What is empty in every row could be lost by a migration, and no test would see it.
                Assert.All(rows[0].Keys, column => Assert.True(rows.Exists(row => row[column] is not DBNull), $"WriteAsync puts nothing into {table}.{column}"));
            }
        }

        Assert.True(File.Exists(path), $"{path} is missing: docs/contributing.md says how to write it");
    }

    // Something of every kind: a table that is added is filled here.
    private async Task WriteAsync(string path)
    {
        await using var store = await folder.OpenAsync();
        await store.RecordChecksAsync([Samples.Served("nginx", "old"), Samples.Served("ghcr.io/a/b:1", "pin")], None);
        await store.RecordChecksAsync(
            [Samples.Served("nginx", "new", Samples.Noon.AddMinutes(5)), Samples.Failed("ghcr.io/a/b:1", at: Samples.Noon.AddMinutes(5), retryAt: Samples.Noon.AddMinutes(6))],
            new Dictionary<ImageReference, DateTimeOffset> { [Samples.Image("nginx")] = Samples.Noon.AddMinutes(10) }, None);
        await store.SaveManifestsAsync([new Manifest(Samples.Digest("new"), Samples.Index, Config: null, [new IndexEntry(Samples.Digest("amd64"), new Platform("linux", "amd64"))]),
            new Manifest(Samples.Digest("amd64"), Samples.Index, Samples.Digest("config"), [])], None);

        var plan = Samples.Plan(
            Samples.Workload("uid-web", "web", Samples.Decision("web", ContainerAction.Restart, DecisionReason.DigestChanged, "old", "new")),
            Samples.Workload("uid-api", "api", Samples.Decision("api", ContainerAction.Hold, DecisionReason.Paused)));
        await store.SavePlanAsync("plan-1", plan, PlanJson.Write("plan-1", plan), "mona", Samples.Journal(plan, planId: "plan-1"), None);

        var scoped = Samples.Plan() with { Scope = PlanScope.Everything with { Namespaces = ["shop"] } };
        await store.SavePlanAsync("plan-2", scoped, PlanJson.Write("plan-2", scoped), "mona", Samples.Journal(scoped, planId: "plan-2"), None);

        var ended = Samples.Rollout("r1");
        await store.BeginRolloutAsync(ended, None);
        await store.MarkPatchedAsync("r1", "42", Samples.Restarted(ended), None);
        await store.FinishRolloutAsync("r1", RolloutState.Succeeded, Samples.Noon.AddMinutes(1), "all replicas are updated", RolloutProof.Proven, "1 of 1 pods run it", Samples.Record("rollout succeeded", rollout: "r1"), None);
        var running = Samples.Rollout("r2", "uid-api", new("shop", Core.Workloads.WorkloadKind.StatefulSet, "api"), Samples.Noon.AddMinutes(2));
        await store.BeginRolloutAsync(running, None);
        await store.MarkPatchedAsync("r2", "43", Samples.Restarted(running), None);
        var failed = Samples.Rollout("r4", "uid-db", new("shop", Core.Workloads.WorkloadKind.StatefulSet, "db"), Samples.Noon.AddMinutes(2));
        await store.BeginRolloutAsync(failed, None);
        await store.MarkPatchedAsync("r4", "44", Samples.Restarted(failed), None);
        await store.FinishRolloutAsync("r4", RolloutState.Failed, Samples.Noon.AddMinutes(9), "the rollout exceeded its progress deadline", proof: null, proofDetail: null, Samples.Record("rollout failed", rollout: "r4"), None);
        await store.BeginRolloutAsync(Samples.Rollout("r3", at: Samples.Noon.AddMinutes(3), content: "newer"), None);

        await store.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval(), None);
        await store.PruneAsync(Samples.Noon.AddDays(-90), None);
        Assert.Empty(await store.CheckAsync(None));
        Assert.True((await store.BackupAsync(path, None)).IsSuccess(out _, out var sentence), sentence);
    }

    private static IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*.sqlite").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static string Line(Dictionary<string, object> row) => string.Join(" | ", row.Select(cell => $"{cell.Key}={cell.Value}"));

    private static List<string> Migrations(string path) =>
        [.. Query(path, "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId").Select(row => (string)row["MigrationId"])];

    /// <summary>All rows of our tables; of the columns that are named, or of all.</summary>
    private static SortedDictionary<string, List<Dictionary<string, object>>> Rows(string path, Dictionary<string, List<string>>? columns = null)
    {
        var tables = columns?.Keys ?? Query(path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\'")
            .Select(row => (string)row["name"]);
        var rows = new SortedDictionary<string, List<Dictionary<string, object>>>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var wanted = columns is null ? "*" : string.Join(", ", columns[table].Select(column => $"\"{column}\""));
            rows[table] = Query(path, $"SELECT {wanted} FROM \"{table}\" ORDER BY 1, 2");
        }

        return rows;
    }

    private static List<Dictionary<string, object>> Query(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, object>>();
        while (reader.Read())
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetValue, StringComparer.Ordinal));
        return rows;
    }
}
