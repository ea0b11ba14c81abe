using System.Text.RegularExpressions;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Documentation;

/// <summary>Compares docs/spec.md with the code. The integration tests check its parts about commands.</summary>
public sealed partial class SpecTests
{
    private static readonly string Spec = Repository.Read("docs/spec.md");

    [Fact]
    public void Options_InRunningText_AreThoseOfTheProgram()
    {
        var known = Rows("Commands").SelectMany(row => Markdown.Code(row[0])).Select(code => code.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        var named = Markdown.Code(Markdown.WithoutBlocks(Spec)).SelectMany(code => Option().Matches(code).Select(match => match.Value)).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(named);
        Assert.Subset(known, named);
    }

    /// <summary>The cases are those of ContainerRulesTests, without workload holds, which another section documents.</summary>
    [Fact]
    public void Decisions_Table_HasWhatTheCasesShow()
    {
        string[] holds = [.. Rows("Holds").Select(row => FirstCode(row[1])!)];
        var shown = Tsv.Rows("container-rules.tsv").Select(cells => (Action: cells[8], Reason: cells[9])).Where(pair => !holds.Contains(pair.Reason, StringComparer.Ordinal)).Distinct();
        var told = Rows("Which digest counts").Select(row => (Action: row[1].Replace("-", "", StringComparison.Ordinal), Reason: FirstCode(row[2])!));
        Assert.Equal(
            shown.Select(pair => $"{pair.Reason} {pair.Action}").Order(StringComparer.OrdinalIgnoreCase),
            told.Select(pair => $"{pair.Reason} {pair.Action}").Order(StringComparer.OrdinalIgnoreCase),
            StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void Decisions_EveryReason_IsNamed()
    {
        var named = Markdown.Code(Markdown.Section(Spec, "Which digest counts") + Markdown.Section(Spec, "Holds")).ToHashSet(StringComparer.Ordinal);
        Assert.All(Enum.GetNames<DecisionReason>(), reason => Assert.Contains(reason, named));
    }

    [Fact]
    public void Baselines_EveryOrigin_IsNamed() => AssertNamed<BaselineOrigin>("Baselines");

    [Fact]
    public void Rollouts_EveryEndAndVerification_IsNamed()
    {
        AssertNamed<RolloutVerification>("Rollouts");
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
}
