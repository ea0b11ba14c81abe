using System.Text.RegularExpressions;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Documentation;

/// <summary>docs/spec.md against the code, both as text.</summary>
public sealed partial class SpecTests
{
    // System.CommandLine adds these itself.
    private static readonly string[] BuiltIn = ["--help", "-h", "-?", "--version"];

    private static readonly string Spec = Repository.Read("docs/spec.md");

    [Fact]
    public void Commands_InTable_AreThoseOfTheProgram()
    {
        var ofProgram = Source.Matches(Repository.ReadCode("ImageUpdater.Host/Commands"), @"new Command\(\s*""(?<it>[a-z]+)""");
        var ofSpec = Rows("Commands").Select(row => FirstCode(row[0])).OfType<string>()
            .SelectMany(code => code.Split(' ').TakeWhile(word => word.All(char.IsAsciiLetterLower)));
        Assert.Equal(ofProgram.Order(StringComparer.Ordinal), ofSpec.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_InTable_AreThoseOfTheProgram()
    {
        var ofProgram = Source.Matches(Repository.ReadCode("ImageUpdater.Host/Commands"), @"new(?: Option<[^(]+>)?\(""(?<it>--[a-z-]+)""(?:, ""(?<it>-[a-z])"")*\)");
        var ofSpec = Rows("Commands")
            .Where(row => row[0].StartsWith("`-", StringComparison.Ordinal))
            .SelectMany(row => Markdown.Code(row[0]).Select(code => code.Split(' ', '=')[0]))
            .Distinct(StringComparer.Ordinal);
        Assert.Equal(ofProgram.Concat(BuiltIn).Order(StringComparer.Ordinal), ofSpec.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Options_InRunningText_AreThoseOfTheProgram()
    {
        var known = Rows("Commands").SelectMany(row => Markdown.Code(row[0])).Select(code => code.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var option in Markdown.Code(Markdown.WithoutBlocks(Spec)).SelectMany(code => Option().Matches(code).Select(match => match.Value)))
            Assert.Contains(option, known);
    }

    [Fact]
    public void Endpoints_Table_HasEveryPath()
    {
        var paths = Source.Matches(Repository.ReadCode("ImageUpdater.Host/Web"), @"Map(?:Get|Methods)?\((?:app, )?""(?<it>[^""]+)""");
        Assert.NotEmpty(paths);
        Assert.Equal(paths.Order(StringComparer.Ordinal), Rows("Web endpoints").Select(row => FirstCode(row[0])!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Decisions_Table_IsTheOneOfTheCode()
    {
        var ofCode = CodeTable().Matches(Repository.Read("ImageUpdater.Core/Planning/ContainerRules.cs"))
            .Select(match => (Action: match.Groups["action"].Value, Reason: match.Groups["reason"].Value));
        var ofSpec = Rows("Which digest counts").Select(row => (Action: row[1], Reason: FirstCode(row[2])!));
        Assert.Equal(ofCode, ofSpec);
    }

    [Fact]
    public void Decisions_EveryReason_IsNamed()
    {
        var named = Markdown.Code(Markdown.Section(Spec, "Which digest counts") + Markdown.Section(Spec, "Holds")).ToHashSet(StringComparer.Ordinal);
        Assert.All(Enum.GetNames<DecisionReason>(), reason => Assert.Contains(reason, named));
    }

    [Fact]
    public void Holds_Table_IsTheOneOfTheCode()
    {
        var ofCode = HoldTable().Matches(Repository.Read("ImageUpdater.Core/Planning/Holds/WorkloadHolds.cs")).Select(match => match.Groups["reason"].Value);
        Assert.Equal(ofCode.Append(nameof(DecisionReason.RolloutLimit)), Rows("Holds").Select(row => FirstCode(row[1])!));
    }

    [Fact]
    public void Baselines_EveryOrigin_IsNamed() => AssertNamed<BaselineOrigin>("Baselines");

    [Fact]
    public void Rollouts_EveryEndAndProof_IsNamed()
    {
        AssertNamed<RolloutProof>("Rollouts");
        AssertNamed<RolloutState>("Rollouts", RolloutState.Intended, RolloutState.Running);
    }

    [Fact]
    public void Templates_EveryFunction_IsThere() => Assert.Equal(
        TemplateFunctions.Names.Order(StringComparer.Ordinal),
        Rows("Formats").Select(row => FirstCode(row[0])!.Split(' ')[0]).Order(StringComparer.Ordinal));

    private static void AssertNamed<T>(string section, params T[] except)
        where T : struct, Enum
    {
        var named = Markdown.Code(Markdown.Section(Spec, section)).ToHashSet(StringComparer.Ordinal);
        foreach (var value in Enum.GetValues<T>().Except(except))
            Assert.Contains(value.ToString(), named);
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(string section) => Markdown.Rows(Markdown.Section(Spec, section));

    private static string? FirstCode(string cell) => Markdown.Code(cell).FirstOrDefault();

    [GeneratedRegex("(?<![a-z-])--[a-z][a-z-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Option();

    [GeneratedRegex(@"^/// \|[^|]+\| (?<reason>[A-Z]\w+) +\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex HoldTable();

    [GeneratedRegex(@"^/// \|[^|]+\| (?<action>skip|no-op|hold|restart) +\| (?<reason>\w+) +\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex CodeTable();
}
