using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Reports;

public sealed class UserTemplateTests
{
    private static readonly AuditReport Week = AuditReport.Of(Samples.Week());

    [Theory]
    [InlineData("{{summary.restarts}} restarts", "7 restarts")]
    [InlineData("{{#each (first restarts 2)}}{{name}} {{utc startedAt}}; {{/each}}", "web 2026-11-22 09:57:00; photos 2026-11-22 05:00:00; ")]
    [InlineData("{{rest restarts 2}} {{length trail}} {{percent summary.failed summary.restarts}}", "5 6 14")]
    [InlineData("{{#if namespace}}{{namespace}}{{else}}all{{/if}}", "all")]
    [InlineData("{{iso until}} {{day until}} {{between since until}} {{span 192}}", "2026-11-22T10:00:00Z 2026-11-22 7 d 3 min 12 s")]
    [InlineData("{{short failingImages.0.digest}} {{label failingImages.0.failure}}", "sha256:f55ff16f66f4 rate limited")]
    [InlineData("{{path waiting.0}}", "media/deployment/photos")]
    [InlineData("", "")]
    public void Render_Template_GivesItsText(string template, string expected) => Assert.Equal(expected, Rendered(template, Week));

    [Fact]
    public void Render_TemplateOfThePage_GivesALineForEachRestart()
    {
        var template = string.Join('\n', Assert.Single(Markdown.Blocks(Repository.Read("docs/reports.md")), block => block.Language == "handlebars").Lines);

        var lines = Rendered(template, Week).Split('\n');

        Assert.Equal(["7 restarts, 1 failed.", "- shop/deployment/web: running, 2026-11-22 09:57:00"], lines[..2]);
        Assert.Equal(7, lines.Count(line => line.StartsWith("- ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{{", "the template can't be used: Reached unparseable token in expression (line 1, column 3)")]
    [InlineData("a\nb {{short (}}", "the template can't be used: Reached unparseable token in expression: }} (line 2, column 14)")]
    [InlineData("{{#if cluster}}", "the template can't be used: Reached end of template before block expression 'if' was closed (line 1)")]
    [InlineData("\n\n{{/each}}", "the template can't be used: A closing element '/each' was found without a matching open element (line 3)")]
    [InlineData("\n{{nope}}", "the template can't be used: the report has nothing called 'nope' (line 2)")]
    [InlineData("{{#each restarts}}\n{{stratedAt}}\n{{/each}}", "the template can't be used: the report has nothing called 'stratedAt' (line 2)")]
    [InlineData("{{> footer}}", "the template can't be used: Referenced partial name 'footer' could not be resolved (line 1)")]
    [InlineData("\n{{short}}", "the template can't be used: 'short' takes 1 argument, not 0 (line 2)")]
    [InlineData("{{#if restarts}}{{else}}{{else}}{{/if}}", "the template can't be used: it has a block that Handlebars can't read")]
    [InlineData("{{#unless}}{{/unless}}", "the template can't be used: it has a block that Handlebars can't read")]
    public void Render_MalformedTemplate_IsOneSentenceWithThePlace(string template, string expected) => Assert.Equal(expected, Failure(template));

    [Theory]
    [InlineData("{{#if headline}}", "{{/if}}", 200)]
    [InlineData("{{#if headline}}", "{{/if}}", 40_000)]
    [InlineData("{{#if headline}}", "", 40_000)]
    [InlineData("{{^headline}}", "", 40_000)]
    [InlineData("{{#if nope}}{{else if nope}}", "{{/if}}", 200)]
    public void Render_TemplateThatNestsTooDeep_IsRefusedBeforeItIsCompiled(string open, string close, int times) => Assert.Equal(
        "the template can't be used: it nests deeper than 100 blocks (line 1)",
        Failure(string.Concat(Enumerable.Repeat(open, times)) + string.Concat(Enumerable.Repeat(close, times))));

    [Fact]
    public void Render_ParenthesesWithoutEnd_AreRefusedBeforeTheyAreCompiled() =>
        Assert.Contains("nests deeper", Failure($"{{{{label {new string('(', 40_000)}}}}}"), StringComparison.Ordinal);

    [Fact]
    public void Render_ManyBlocksOneAfterTheOther_AreNotDeep() =>
        Assert.Equal(new string('x', 2000), Rendered(string.Concat(Enumerable.Repeat("{{#if headline}}x{{else}}y{{/if}}", 2000)), Week));

    [Fact]
    public void Render_PartialThatCallsItself_IsOneSentence() =>
        Assert.Contains("recursion", Failure("{{#*inline \"p\"}}{{> p}}{{/inline}}{{> p}}"), StringComparison.Ordinal);

    [Fact]
    public void Render_TooLongTemplate_SaysHowMuchIsRead() => Assert.Equal(
        "the template has 1,048,577 characters; at most 1,048,576 are read", Failure(new string('x', AuditReportRenderer.MaxTemplateLength + 1)));

    [Fact]
    public void Render_RandomCutsOfTheBuiltInTemplate_NeverThrow()
    {
        var template = Templates.ReadBuiltIn("report.md.hbs");
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var from = random.Next(template.Length);
            var length = random.Next(template.Length - from);
            var text = i % 2 == 0 ? template.Remove(from, Math.Min(length, 40)) : template.Substring(from, length);

            var result = AuditReportRenderer.Render(text, Week, TemplateEncoding.Markdown);

            Assert.True(result.IsSuccess(out _, out var failure) || (failure.Length < 600 && !failure.Contains('\n')), failure);
        }
    }

    private static string Rendered(string template, AuditReport report)
    {
        Assert.True(AuditReportRenderer.Render(template, report).IsSuccess(out var rendered, out var failure), failure);
        return rendered.Text;
    }

    private static string Failure(string template)
    {
        Assert.False(AuditReportRenderer.Render(template, Week).IsSuccess(out _, out var failure));
        return failure!;
    }
}
