// Writes a migration when the model in ../../Model has changed. The `dotnet ef` command can't be had here (its Design
// package does not restore), so this calls the same scaffolder. From the top folder of the repository:
//
//   dotnet run --project ImageUpdater.Persistence/Migrations/Tool -- NameOfTheMigration
//   dotnet run --project ImageUpdater.Persistence/Migrations/Tool -- --compiled
//
// The first adds two files to ImageUpdater.Persistence/Migrations and rewrites the snapshot beside them. Read them before
// committing: SQLite can't change a column, so EF makes the table anew and drops its triggers; the audit's triggers must
// then be created again in the same migration (copy them from AuditAppendOnly).
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Sqlite.Design.Internal;
using Microsoft.Extensions.DependencyInjection;

if (args is not [var name])
{
    await Console.Error.WriteLineAsync("give the migration a name, for example: AddRolloutNotes");
    return 1;
}

var project = Path.GetFullPath("ImageUpdater.Persistence");
if (!File.Exists(Path.Combine(project, "ImageUpdater.Persistence.csproj")))
{
    await Console.Error.WriteLineAsync("start it in the top folder of the repository");
    return 1;
}

var options = new DbContextOptionsBuilder<StateContext>().UseSqlite("Data Source=:memory:").Options;
await using var context = new StateContext(options);
var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(context);
#pragma warning disable EF1001 // Provider internals: what `dotnet ef` itself calls.
new SqliteDesignTimeServices().ConfigureDesignTimeServices(services);
#pragma warning restore EF1001
await using var provider = services.BuildServiceProvider();

if (name == "--compiled")
{
    var compiled = provider.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
        context.GetService<IDesignTimeModel>().Model,
        Path.Combine(project, "Model", "Compiled"),
        new CompiledModelCodeGenerationOptions
        {
            ContextType = typeof(StateContext),
            ModelNamespace = "ImageUpdater.Persistence.Model.Compiled",
            Language = "C#",
            UseNullableReferenceTypes = true,
            // Properties are then read and written by code, and not by expressions that are compiled at every start.
            ForNativeAot = true,
        });
    foreach (var file in compiled)
    {
        // Its rows are internal, which the scaffolder does not look at.
        var code = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, code.Replace("    public static class ", "    internal static class ").Replace("    public partial class ", "    internal partial class "));
        Console.WriteLine(file);
    }

    return 0;
}

var scaffolder = provider.GetRequiredService<IMigrationsScaffolder>();
var migration = scaffolder.ScaffoldMigration(name, rootNamespace: "ImageUpdater.Persistence", subNamespace: "Migrations");
var files = scaffolder.Save(project, migration, outputDir: Path.Combine(project, "Migrations"), dryRun: false);
Console.WriteLine(files.MigrationFile);
Console.WriteLine(files.MetadataFile);
Console.WriteLine(files.SnapshotFile);
return 0;
