using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Model.Compiled;
using ImageUpdater.Persistence.Sqlite;
using ImageUpdater.UnitTests.Documentation;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class SchemaTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Migrations_AndModel_Agree()
    {
        using var context = Context(folder.StorePath);

        Assert.False(context.Database.HasPendingModelChanges(), "run the tool in ImageUpdater.Persistence/Migrations/Tool");
    }

    /// <summary>With UPDATE_FIXTURES=1 the script is written.</summary>
    [Fact]
    public async Task FreshSchema_AndMigrations_Agree()
    {
        await using var context = Context(folder.StorePath);
        var script = context.GetService<IMigrator>().GenerateScript().ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_FIXTURES") == "1")
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "ImageUpdater.Persistence/Migrations/Schema.sql"), script);
        else
            Assert.Equal(script, await FreshSchema.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task FreshStore_AndOneThatWasMigrated_AreTheSame()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        var migrated = Path.Combine(folder.Folder, "migrated.db");
        await using (var context = Context(migrated))
            await context.Database.MigrateAsync();

        Assert.Equal(Everything(migrated), Everything(folder.StorePath));
    }

    [Fact]
    public void CompiledModel_AndModel_Agree()
    {
        using var context = Context(folder.StorePath);
        Assert.IsType<StateContextModel>(context.Model, exactMatch: true);

        Assert.Equal(Described(context.GetService<IDesignTimeModel>().Model), Described(context.Model));
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
    [InlineData("UPDATE audit SET message = 'nothing happened'", "never changed")]
    [InlineData("DELETE FROM audit WHERE message = 'first'", "only retention")]
    [InlineData("DELETE FROM audit WHERE message = 'second'", "only retention", "newest")]
    [InlineData("INSERT INTO retention VALUES (1, 0, 9000000000000000000); DELETE FROM audit WHERE message = 'second'", "newest")]
    public async Task Audit_ChangedFromOutside_Refuses(string sql, params string[] anyOf)
    {
        await using (var store = await folder.OpenAsync())
            await store.AppendAuditAsync([Samples.Record("first"), Samples.Record("second")], CancellationToken.None);

        var refusal = Assert.Throws<SqliteException>(() => folder.Execute(sql));

        Assert.Contains(anyOf, part => refusal.Message.Contains(part, StringComparison.Ordinal));
        await using var after = await folder.OpenAsync();
        Assert.Equal(2, (await after.AuditAsync(new(), CancellationToken.None)).Count);
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

    /// <summary>What is read and written: every property with its column, type and conversion, and the keys and indexes that find rows.</summary>
    private static List<string> Described(IModel model) =>
    [
        .. from entity in model.GetEntityTypes()
           let table = entity.GetTableName()
           from line in entity.GetProperties()
               .Select(property => $"{property.GetColumnName()} {property.GetColumnType()} {property.ClrType} {property.IsNullable} {property.GetTypeMapping().Converter?.ProviderClrType}")
               .Concat(entity.GetKeys().Select(key => $"key {Names(key.Properties)}"))
               .Concat(entity.GetIndexes().Select(index => $"index {Names(index.Properties)} {index.IsUnique} {index.GetFilter()}"))
               .Concat(entity.GetForeignKeys().Select(key => $"foreign {Names(key.Properties)} {key.PrincipalEntityType.Name} {key.DeleteBehavior}"))
           orderby table, line
           select $"{table}: {line}",
    ];

    private static string Names(IEnumerable<IReadOnlyProperty> properties) => string.Join(',', properties.Select(property => property.Name));

    private static List<string> Everything(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return
        [
            .. connection.Texts(
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name <> '__EFMigrationsLock' ORDER BY 1; " +
            "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY 1"),
        ];
    }

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

    // A column that a migration adds stands elsewhere, and on the line of another: what is compared is what there is, not where.
    private static IEnumerable<string> Parts(string sql) =>
        sql.Replace("(", "(,", StringComparison.Ordinal).Replace(")", ",)", StringComparison.Ordinal)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
}
