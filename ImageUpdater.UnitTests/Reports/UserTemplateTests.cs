using ImageUpdater.Core;
using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Reports;

public sealed class UserTemplateTests
{
    private static readonly AuditReport Week = AuditReport.Of(Samples.Week());

    [Theory]
    [InlineData("{{ summary.restarts }} restarts", "7 restarts")]
    [InlineData("{{ for item in (first restarts 2) }}{{ item.name }} {{ utc item.startedAt }}; {{ end }}", "web 2026-11-22 09:57:00; photos 2026-11-22 05:00:00; ")]
    [InlineData("{{ rest restarts 2 }} {{ length trail }} {{ percent summary.failed summary.restarts }}", "5 6 14")]
    [InlineData("{{ if namespace }}{{ namespace }}{{ else }}all{{ end }}", "all")]
    [InlineData("{{ iso until }} {{ day until }} {{ between since until }} {{ span 192 }}", "2026-11-22T10:00:00Z 2026-11-22 7 d 3 min 12 s")]
    [InlineData("{{ short failingImages[0].digest }} {{ label failingImages[0].failure }}", "sha256:f55ff16f66f4 rate limited")]
    [InlineData("{{ path waiting[0] }} {{ waiting[0] | path }}", "media/deployment/photos media/deployment/photos")]
    [InlineData("{{ until }} {{ true }} {{ 1.5 }} {{ namespace }}.", "2026-11-22T10:00:00Z true 1.5 .")]
    [InlineData("{{ summary.failed + summary.timedOut }} of {{ summary.restarts }}", "2 of 7")]
    [InlineData("{{ case restarts[0].state }}{{ when 'failed' }}bad{{ else }}{{ restarts[0].state }}{{ end }}", "running")]
    [InlineData("{{ for item in restarts limit:2 }}{{ item.name }}{{ if !for.last }}, {{ end }}{{ else }}none{{ end }}", "web, photos")]
    [InlineData("{{ func row(item) }}<{{ item.name }}>{{ end }}{{ row restarts[0] }}", "<web>")]
    [InlineData("{{ for item in restarts reversed offset:5 }}{{ for.index }} {{ item.name }}{{ break }}{{ end }}", "0 image-updater")]
    [InlineData("{{ namespace ?? 'all' }} {{ namespace?.size }} {{ summary.failed == 1 ? 'one' : 'other' }}{{ # comment }}", "all  one")]
    [InlineData("{%{ {{ as it is }} }%}", " {{ as it is }} ")]
    [InlineData("", "")]
    public void Render_Template_GivesItsText(string template, string expected) => Assert.Equal(expected, Rendered(template, Week));

    [Theory]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("''")]
    [InlineData("raw ''")]
    [InlineData("null")]
    [InlineData("false")]
    [InlineData("summary.workloadGone")]
    [InlineData("first restarts 0")]
    public void Render_ZeroAndNothing_AreFalse(string value) =>
        Assert.Equal("no no", Rendered($"{{{{ if ({value}) }}}}yes{{{{ else }}}}no{{{{ end }}}} {{{{ ({value}) && true ? 'yes' : 'no' }}}}", Week));

    [Theory]
    [InlineData("1")]
    [InlineData("'0'")]
    [InlineData("true")]
    [InlineData("since")]
    [InlineData("summary")]
    [InlineData("summary.restarts")]
    [InlineData("first restarts 1")]
    public void Render_AllElse_IsTrue(string value) => Assert.Equal("yes", Rendered($"{{{{ if ({value}) }}}}yes{{{{ else }}}}no{{{{ end }}}}", Week));

    [Fact]
    public void Render_TemplateOfThePage_GivesALineForEachRestart()
    {
        var template = string.Join('\n', Assert.Single(Markdown.Blocks(Repository.Read("docs/reports.md")), block => block.Language == "scriban").Lines);

        var lines = Rendered(template, Week).Split('\n');

        Assert.Equal(["7 restarts, 1 failed.", "- shop/deployment/web: running, 2026-11-22 09:57:00"], lines[..2]);
        Assert.Equal(7, lines.Count(line => line.StartsWith("- ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a\nb {{ short ( }}", "Error while parsing nested expression: Expecting <expression> instead of `}}` in: (<expression>) (line 2, column 14)")]
    [InlineData("{{ if cluster }}", "Error while parsing if statement: The <end> statement was not found in: if <expression> ... end|else|else if (line 1, column 15)")]
    [InlineData("\n\n{{ end }}", "Error while parsing ScriptPage: Found <end> statement without a corresponding beginning of a block in: ... (line 3, column 6)")]
    [InlineData("\n{{ nope }}", "The variable or function `nope` was not found (line 2, column 4)")]
    [InlineData("{{ for item in restarts }}\n{{ item.stratedAt }}\n{{ end }}", "Cannot get member with name stratedAt. (line 2, column 9)")]
    [InlineData("{{ namespace.length }}", "Object `namespace` is null. Cannot access member: namespace.length (line 1, column 14)")]
    [InlineData("{{ namespace[0] }}", "Object `namespace` is null. Cannot access indexer: namespace[0] (line 1, column 4)")]
    [InlineData("{{ namespace 1 }}", "The function `namespace` was not found (line 1, column 4)")]
    [InlineData("{{ restarts[7].name }}", "The index 7 is out of bounds [0, 7] on the `restarts` with the indexer: 7 (line 1, column 13)")]
    [InlineData("\n{{ short }}", "Invalid number of arguments `0` passed to `short` while expecting `1` arguments (line 2, column 9)")]
    [InlineData("\n{{ short 1 2 }}", "Invalid number of arguments `2` passed to `short 1 2` while expecting `1` arguments (line 2, column 12)")]
    [InlineData("{{ utc headline }}", "Unable to convert type `string` to `DateTimeOffset` (line 1, column 8)")]
    [InlineData("a\nb\n  {{ restarts }}", "a list is not text; show its items with {{ for item in list }} {{ end }} (line 3, column 6)")]
    [InlineData("a\nb\n  {{ restarts[0] }}", "an object is not text; show one of its fields, as in {{ item.name }} (line 3, column 6)")]
    [InlineData("{{ label restarts }}", "a list is not text; show its items with {{ for item in list }} {{ end }} (line 1, column 4)")]
    public void Render_MalformedTemplate_IsOneMessageWithThePlace(string template, string expected) => Assert.Equal(expected, Failure(template));

    [Theory]
    [InlineData("{{ since.year }}")]
    [InlineData("{{ since.offset }}")]
    [InlineData("{{ headline.get_type }}")]
    [InlineData("{{ include 'x' }}")]
    [InlineData("{{ date.now }}")]
    [InlineData("{{ 'aaa' | regex.match '(a+)+$' }}")]
    [InlineData("{{ object.eval '1' }}")]
    [InlineData("{{ 'a' | string.upcase }}")]
    public void Render_WhatThePlatformOrScribanHas_IsNotThere(string template) => Assert.Matches("^(The variable or function|Cannot get member)", Failure(template));

    [Fact]
    public void Render_ErrorThatQuotesTheTemplate_IsBoundedAndFreeOfControlCharacters()
    {
        var failure = Failure($"{{{{ label '\u001B[31m{new string('x', 5000)}' 2 }}}}");

        Assert.True(failure.Length < UntrustedText.MaxLength + 40, failure);
        Assert.DoesNotContain(failure, char.IsControl);
    }

    [Theory]
    [InlineData("{{#each restarts}}{{name}}{{/each}}", "{{#each (line 1)")]
    [InlineData("\n{{#if cluster}}x", "{{#if (line 2)")]
    [InlineData("{{~#unless cluster}}", "{{~#unless (line 1)")]
    [InlineData("x\n\n{{{headline}}}", "{{{headline}}} (line 3)")]
    [InlineData("{{{code\u001B headline}}}", "{{{code  headline}}} (line 1)")]
    public void Render_TemplateInTheOldLanguage_SaysWhatToWrite(string template, string found)
    {
        var failure = Failure(template);

        Assert.StartsWith($"the template has {found}; templates use Scriban: replace {{{{#each restarts}}}}", failure, StringComparison.Ordinal);
        Assert.EndsWith("see docs/reports.md for the full list", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TooLongTemplate_SaysHowMuchIsRead() => Assert.Equal(
        "the template has 262,145 characters; the maximum is 262,144", Failure(new string('x', TextTemplate.MaxLength + 1)));

    [Fact]
    public void Render_RandomCutsOfTheBuiltInTemplate_NeverThrow()
    {
        var template = TextTemplate.ReadBuiltIn("report.md.scriban");
        var random = new Random(7);
        var failures = 0;
        for (var i = 0; i < 200; i++)
        {
            var from = random.Next(template.Length);
            var length = random.Next(template.Length - from);
            var text = i % 2 == 0 ? template.Remove(from, Math.Min(length, 40)) : template.Substring(from, length);

            var result = AuditReportRenderer.Render(text, Week, TemplateEncoding.Markdown);

            Assert.True(result.IsSuccess(out _, out var failure) || (failure.Length < 600 && !failure.Contains('\n')), failure);
            failures += failure is null ? 0 : 1;
        }

        Assert.InRange(failures, 20, 190);
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
