using System.CommandLine;
using System.Reflection;
using ImageUpdater.Host.Commands;
using ImageUpdater.Host.Composition;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Web;
using ImageUpdater.UnitTests.Documentation;
using Microsoft.AspNetCore.Routing;

namespace ImageUpdater.IntegrationTests.Documentation;

/// <summary>Compares the tables of docs/spec.md and README.md with the program's commands, options, exit codes and endpoints.</summary>
public sealed class SpecTests
{
    private static readonly string Spec = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "docs", "spec.md"));

    private static readonly Command Root = CommandLine.Parse([]).RootCommandResult.Command;

    [Fact]
    public void Commands_InTable_AreThoseOfTheProgram()
    {
        var ofSpec = Rows("Commands").Select(row => row[0]).Where(cell => cell.StartsWith('`') && !cell.StartsWith("`-", StringComparison.Ordinal))
            .Select(cell => string.Join(' ', Markdown.Code(cell).First().Split(' ').TakeWhile(word => word.All(char.IsAsciiLetterLower))));

        Assert.Equal(Leaves(Root, "").Order(StringComparer.Ordinal), ofSpec.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_InTable_AreThoseOfTheProgram()
    {
        // System.CommandLine adds these Windows-style aliases on all platforms.
        var ofProgram = All(Root).SelectMany(command => command.Options).SelectMany(option => option.Aliases.Append(option.Name))
            .Where(name => !name.StartsWith('/')).Distinct(StringComparer.Ordinal);
        var ofSpec = Rows("Commands").Where(row => row[0].StartsWith("`-", StringComparison.Ordinal))
            .SelectMany(row => Markdown.Code(row[0]).Select(code => code.Split(' ', '=')[0])).Distinct(StringComparer.Ordinal);

        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), ofSpec.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ExitCodes_InBothTables_AreThoseOfTheProgram()
    {
        var ofProgram = typeof(CommandLine).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => $"{field.GetRawConstantValue()}").ToList();
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "README.md"));

        Assert.NotEmpty(ofProgram);
        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), Markdown.Rows(Markdown.Section(readme, "Exit codes")).Select(row => row[0]));
        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), Rows("Commands").Select(row => row[0]).Where(cell => cell.All(char.IsAsciiDigit)));
    }

    [Fact]
    public async Task Endpoints_InTable_AreThoseOfTheProgram()
    {
        using var folder = new TestFolder();
        var kubeconfig = Path.Combine(folder.Path, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, Connections.Yaml(new Uri("http://127.0.0.1:1")));
        await using var app = RunCommand.Build(new Call("run", new Dictionary<string, string>(), Path.Combine(folder.Path, "state.db"), kubeconfig));
        RunCommand.Prepare(app);

        // The fallback route is not documented.
        var ofProgram = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Order < int.MaxValue).Select(endpoint => $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}");

        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), Rows("Web endpoints").Select(row => Markdown.Code(row[0]).First()).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(string section) => Markdown.Rows(Markdown.Section(Spec, section));

    private static IEnumerable<Command> All(Command command) => command.Subcommands.Where(child => !child.Hidden).SelectMany(All).Prepend(command);

    // Only commands with an action: "state list", not "state".
    private static IEnumerable<string> Leaves(Command command, string above) => command.Subcommands.Count == 0
        ? [above.TrimStart()]
        : command.Subcommands.Where(child => !child.Hidden).SelectMany(child => Leaves(child, $"{above} {child.Name}"));
}
