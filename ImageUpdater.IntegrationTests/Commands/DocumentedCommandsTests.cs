using System.Text.RegularExpressions;
using ImageUpdater.Host.Commands;
using ImageUpdater.IntegrationTests.Web;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>Parses every command in the docs with the program's own parser, without running it.</summary>
public sealed partial class DocumentedCommandsTests
{
    private static readonly string Root = RepositoryRoot.Find();

    private static readonly string[] Files =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "README.md")).Append(Path.Combine(Root, "helm/image-updater/templates/NOTES.txt"))
            .Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Pages => [.. Files];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OnThePage_AreTakenByTheProgram(string page)
    {
        foreach (var command in Commands(File.ReadAllText(Path.Combine(Root, page))))
        {
            var words = Word().Matches(command).Select(word => word.Value.Trim('\'', '"')).ToArray();
            var parsed = CommandLine.Parse(words);
            Assert.True(parsed.Errors.Count == 0, $"{page}: image-updater {command}: {string.Join("; ", parsed.Errors.Select(error => error.Message))}");
        }
    }

    [Fact]
    public void Commands_AreFound() => Assert.True(Files.SelectMany(page => Commands(File.ReadAllText(Path.Combine(Root, page)))).Count() > 20);

    [Theory]
    [InlineData("image-updater plan --namespaces default")]
    [InlineData("kubectl exec deployment/image-updater -- image-updater state backup")]
    public void Commands_Wrong_AreRefused(string line) =>
        Assert.NotEmpty(CommandLine.Parse([.. Word().Matches(Assert.Single(Commands($"```sh\n{line}\n```"))).Select(word => word.Value)]).Errors);

    // Lines in code blocks that start with the program (in the container, or by its path in this repository), and code spans that do.
    private static IEnumerable<string> Commands(string text) =>
        Call().Matches(text).Concat(Span().Matches(text)).Select(match => match.Groups["rest"].Value.Trim());

    [GeneratedRegex(@"^[ \t]*(?:[A-Z_]+=\S+ )*(?:kubectl [^\n]* -- |\$ )?(?:image-updater|bin/image-updater/ImageUpdater\.Host) (?<rest>(?:- |[^\n|>&;])+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Call();

    [GeneratedRegex(@"`image-updater (?<rest>[^`\n]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Span();

    [GeneratedRegex("""\"[^"]*\"|'[^']*'|\S+""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Word();
}
