using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using ImageUpdater.UnitTests.Documentation;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class SchemaTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Before 3.51.3, two connections that run a checkpoint at the same time can corrupt a database.</summary>
    [Fact]
    public void Library_OfThePackages_IsTheOneThatTheLockFileNames()
    {
        var library = SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
        var named = Source.Matches(Repository.Read("ImageUpdater.Persistence/packages.lock.json"), """
            "SQLite": "(?<it>[0-9.]+)"
            """);

        Assert.Equal(named.Distinct(), [library]);
        Assert.True(Version.Parse(library) >= new Version(3, 51, 3), library);
    }

    /// <summary>Until the first release there is one migration, regenerated with every change of the model (docs/contributing.md).</summary>
    [Fact]
    public void Migrations_UntilTheFirstRelease_AreOneWithoutACopyOfTheModel()
    {
        using var context = Context(folder.StorePath);
        Assert.Single(context.Database.GetMigrations());

        var generated = Directory.EnumerateFiles(Path.Combine(Repository.Root, "ImageUpdater.Persistence/Migrations")).Sum(file => File.ReadLines(file).Count());
        Assert.True(generated <= 1500, $"{generated} generated lines; docs/contributing.md says what goes");
    }

    [Fact]
    public async Task Open_NewStore_CanGiveBackRoom()
    {
        await using var store = await folder.OpenAsync();

        // 2 is INCREMENTAL.
        Assert.Equal("2", store.Database.Writer.Texts("SELECT CAST(auto_vacuum AS TEXT) FROM pragma_auto_vacuum")[0]);
    }

    /// <summary>SQLite drops the triggers of a table that a migration recreates.</summary>
    [Fact]
    public async Task Open_TriggersAreMissing_ProtectsTheAuditAgain()
    {
        await using (var store = await folder.OpenAsync())
            await store.AppendAuditAsync([Samples.Record("first")], CancellationToken.None);
        folder.Execute("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_keep_newest");

        await (await folder.OpenAsync()).DisposeAsync();

        Assert.Throws<SqliteException>(() => folder.Execute("UPDATE audit SET message = 'nothing happened'"));
        Assert.Throws<SqliteException>(() => folder.Execute("DELETE FROM audit"));
    }

    [Fact]
    public async Task MigratedSchema_AndTheModelsOwn_AreTheSame()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        var created = Path.Combine(folder.Folder, "created.db");
        await using (var context = Context(created))
            await context.Database.EnsureCreatedAsync();

        Assert.Equal(Schema(created), Schema(folder.StorePath));
    }

    [Theory]
    [InlineData("UPDATE audit SET message = 'nothing happened'", "cannot be changed")]
    [InlineData("DELETE FROM audit WHERE message = 'first'", "only retention")]
    [InlineData("DELETE FROM audit WHERE message = 'second'", "only retention", "newest")]
    [InlineData("INSERT INTO retention VALUES (1, 0, 9000000000000000000); DELETE FROM audit WHERE message = 'second'", "newest")]
    public async Task Audit_ChangedFromOutside_Refuses(string sql, params string[] anyOf)
    {
        await using (var store = await folder.OpenAsync())
        {
            await store.KnowAsync("uid-web");
            await store.AppendAuditAsync([Samples.Record("first"), Samples.Record("second")], CancellationToken.None);
        }

        var refusal = Assert.Throws<SqliteException>(() => folder.Execute(sql));

        Assert.Contains(anyOf, part => refusal.Message.Contains(part, StringComparison.Ordinal));
        await using var after = await folder.OpenAsync();
        Assert.Equal(2, (await after.Reporting.AuditAsync(new(), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Moments_AreStoredAsTicks()
    {
        await using (var store = await folder.OpenAsync())
            await store.AppendAuditAsync([Samples.Record("first", at: Samples.Noon.ToOffset(TimeSpan.FromHours(2)).AddTicks(3))], CancellationToken.None);

        using var connection = new SqliteConnection($"Data Source={folder.StorePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT at FROM audit WHERE typeof(at) = 'integer'";
        Assert.Equal(Samples.Noon.UtcTicks + 3, command.ExecuteScalar());
    }

    private static StateContext Context(string path) =>
        new(new DbContextOptionsBuilder<StateContext>().UseSqlite($"Data Source={path};Pooling=False").Options);

    private static List<string> Schema(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\' ORDER BY name";
        using var reader = command.ExecuteReader();
        var statements = new List<string>();
        while (reader.Read())
            statements.Add(string.Join(",", Parts(reader.GetString(0))));
        Assert.NotEmpty(statements);
        return statements;
    }

    // A column that a migration adds is in another place of the CREATE statement, so the comparison ignores the order.
    private static IEnumerable<string> Parts(string sql) =>
        sql.Replace("(", "(,", StringComparison.Ordinal).Replace(")", ",)", StringComparison.Ordinal)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
}
