using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

/// <summary>Tests the template engine with a model other than a report.</summary>
public sealed class TextTemplateTests
{
    private static readonly Letter Sample = new("a <b> *c* \"d\"\n\u001B[1m'e' & +é→", [1, 2, 3]);

    [Theory]
    [InlineData(TemplateEncoding.Html, "<p>*</p> a &lt;b&gt; *c* &quot;d&quot;&#xA;&#x1B;[1m&#x27;e&#x27; &amp; &#x2B;é→")]
    [InlineData(TemplateEncoding.Markdown, "<p>*</p> a &lt;b&gt; \\*c\\* \"d\"  \\[1m'e' &amp; +é→")]
    [InlineData(TemplateEncoding.Text, "<p>*</p> a <b> *c* \"d\"  [1m'e' & +é→")]
    public void Render_Value_IsEncodedAndTheTemplateIsNot(TemplateEncoding encoding, string expected) =>
        Assert.Equal(expected, Rendered("<p>*</p> {{ subject }}", encoding));

    [Theory]
    [InlineData("{{ subject | raw }}")]
    [InlineData("{{ raw subject }}")]
    public void Render_RawValue_IsNotEncoded(string template) => Assert.Equal(Sample.Subject, Rendered(template, TemplateEncoding.Html));

    [Theory]
    [InlineData("{{ label (raw subject) }}")]
    [InlineData("{{ subject | raw | label }}")]
    public void Render_RawValueGoneThroughAFunction_IsEncodedAgain(string template) => Assert.DoesNotContain('<', Rendered(template, TemplateEncoding.Html));

    [Theory]
    [InlineData("report.html.scriban")]
    [InlineData("report.md.scriban")]
    [InlineData("plan.md.scriban")]
    public void BuiltIn_Template_WritesNothingRaw(string name) => Assert.DoesNotMatch(@"\braw\b", TextTemplate.ReadBuiltIn(name));

    [Theory]
    [InlineData("{{ x = 1 }}")]
    [InlineData("{{ subject = 'x' }}")]
    [InlineData("{{ numbers[0] = 9 }}")]
    [InlineData("{{ numbers[0]++ }}")]
    [InlineData("{{ --numbers[0] }}")]
    [InlineData("{{ for numbers[0] in numbers }}{{ end }}")]
    [InlineData("{{ func f(x) }}{{ x += 1 }}{{ end }}")]
    [InlineData("{{ label [1] }}")]
    [InlineData("{{ numbers[{}] }}")]
    [InlineData("{{ if [1] }}{{ end }}")]
    [InlineData("{{ for i in [1] }}{{ end }}")]
    [InlineData("{{ for i in numbers limit:[1] }}{{ end }}")]
    [InlineData("{{ case 1 }}{{ when [1] }}{{ end }}")]
    [InlineData("{{ true ? [1] : 1 }}")]
    [InlineData("{{ subject | label | (do; ret 1; end) }}")]
    [InlineData("{{ $'{numbers}' }}")]
    [InlineData("{{ 1..3 }}")]
    [InlineData("{{ @label }}")]
    [InlineData("{{ label ^numbers }}")]
    [InlineData("{{ 1 << 1000000 }}")]
    [InlineData("{{ 99999999999999999999 }}")]
    [InlineData("{{ while true }}{{ end }}")]
    [InlineData("{{ capture x }}{{ end }}")]
    [InlineData("{{ wrap label }}{{ end }}")]
    [InlineData("{{ with letter }}{{ end }}")]
    [InlineData("{{ tablerow i in numbers }}{{ end }}")]
    [InlineData("{{ import letter }}")]
    [InlineData("{{ readonly subject }}")]
    [InlineData("{{ this.subject }}")]
    public void Read_WhatKeepsMakesOrChangesValues_IsRefused(string template)
    {
        Assert.False(TextTemplate.Read(template, TemplateEncoding.Html).IsSuccess(out _, out var failure));
        Assert.Matches(@"^not supported in templates: .+ \(line 1, column \d+\)$", failure);
    }

    [Theory]
    [InlineData("{{ subject + 'x' }}")]
    [InlineData("{{ 'x' * 1000 }}")]
    [InlineData("{{ func twice }}{{ $ + $ }}{{ end }}{{ twice 1 2 }}")]
    [InlineData("{{ func many }}{{ $ * 1000 }}{{ end }}{{ many 1 2 }}")]
    [InlineData("{{ 9223372036854775807 * 2 }}")]
    [InlineData("{{ null + 1 }}")]
    public void Render_ArithmeticWithAnythingButNumbers_IsRefused(string template) =>
        Assert.StartsWith("arithmetic supports numbers only", Failure(template), StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ if subject }}", "{{ end }}", 200)]
    [InlineData("{{ if subject }}", "{{ end }}", 10_000)]
    [InlineData("{{ if subject }}", "", 10_000)]
    [InlineData("{{ if nope }}{{ else if nope }}", "{{ end }}", 200)]
    [InlineData("{{ func f }}", "", 10_000)]
    public void Read_TemplateThatNestsTooDeep_IsRefused(string open, string close, int times) =>
        AssertTooDeep(string.Concat(Enumerable.Repeat(open, times)) + string.Concat(Enumerable.Repeat(close, times)));

    [Theory]
    [InlineData("(")]
    [InlineData("!")]
    [InlineData("- ")]
    [InlineData("1 + ")]
    [InlineData("subject | ")]
    [InlineData("true ? 1 : ")]
    [InlineData("label (label ")]
    public void Read_ExpressionThatNestsTooDeep_IsRefused(string part) => AssertTooDeep($"{{{{ {string.Concat(Enumerable.Repeat(part, 10_000))} 1 }}}}");

    [Fact]
    public void Render_ManyBlocksOneAfterTheOther_AreNotDeep() =>
        Assert.Equal(new string('x', 2000), Rendered(string.Concat(Enumerable.Repeat("{{ if subject }}x{{ else }}y{{ end }}", 2000))));

    [Fact]
    public void Render_FunctionWithinFunctions_EndsAtTheLimit()
    {
        const string CallsDown = "{{ func down(n) }}{{ if n > 0 }}{{ down (n - 1) }}{{ end }}.{{ end }}{{ down 7 }}";

        Assert.Equal(new string('.', 8), Rendered(CallsDown, new RenderLimits { Calls = 8 }));
        Assert.StartsWith("Exceeding number of recursive depth limit `7`", Failure(CallsDown, new RenderLimits { Calls = 7 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_FunctionWithoutEnd_EndsWithAMessage() =>
        Assert.StartsWith("Exceeding number of recursive depth limit `50`", Failure("{{ func f }}{{ f }}{{ end }}{{ f }}"), StringComparison.Ordinal);

    [Fact]
    public void Render_LoopsWithinLoops_EndAtTheLimit()
    {
        const string Squares = "{{ for i in numbers }}{{ for j in numbers }}.{{ end }}{{ end }}";

        Assert.Equal(new string('.', 9), Rendered(Squares, new RenderLimits { Iterations = 12 }));
        Assert.StartsWith("Exceeding number of iteration limit `11`", Failure(Squares, new RenderLimits { Iterations = 11 }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ subject }}!")]
    [InlineData("{{ for i in numbers }}.{{ end }}")]
    [InlineData("...")]
    [InlineData("{{ '..' }}{{ '.' }}")]
    public void Render_LongOutput_IsRefusedAndNotCutOff(string template)
    {
        var whole = Rendered(template);

        Assert.Equal(whole, Rendered(template, new RenderLimits { Characters = whole.Length }));
        Assert.StartsWith(
            $"the output has more than {whole.Length - 1} characters", Failure(template, new RenderLimits { Characters = whole.Length - 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TextThatGrowsByEncoding_EndsAtTheLimit() => Assert.StartsWith(
        "a text has more than 5,000 characters",
        Failure("{{ func grow(x) }}{{ grow (code x) }}{{ end }}{{ grow '\\\\|' }}", new RenderLimits { Characters = 5000 }, TemplateEncoding.Markdown),
        StringComparison.Ordinal);

    [Fact]
    public void Render_OutputThatIsTooLong_NamesTheExpression() =>
        Assert.EndsWith("(line 3, column 4)", Failure("\n{{ 1 }}\n{{ '....' }}", new RenderLimits { Characters = 5 }), StringComparison.Ordinal);

    [Fact]
    public void Render_TemplateThatTakesLong_EndsInTime() => Assert.Equal(
        "the template timed out after 0.02 s",
        Failure(
            "{{ func twice(n) }}{{ if n > 0 }}{{ twice (n - 1) }}{{ twice (n - 1) }}{{ end }}{{ end }}{{ twice 40 }}",
            new RenderLimits { Time = TimeSpan.FromMilliseconds(20) }));

    [Fact]
    public void Render_ManyTimesFromManyThreads_IsTheSameText()
    {
        var template = Read("{{ func f(x) }}{{ number x }}{{ end }}{{ for i in numbers }}{{ f i }} {{ end }}", TemplateEncoding.Html);
        var texts = new string?[64];

        Parallel.For(0, texts.Length, i => texts[i] = template.Render(Sample).Value?.Text);

        Assert.Equal("1 2 3 ", Assert.Single(texts.Distinct()));
    }

    [Fact]
    public void Render_FunctionUnderTheNameOfOurs_IsOfThisRenderingOnly()
    {
        Assert.Equal("mine", Rendered("{{ func number(x) }}mine{{ end }}{{ number 1000 }}"));
        Assert.Equal("1,000", Rendered("{{ number 1000 }}"));
    }

    [Theory]
    [InlineData(TemplateEncoding.Html)]
    [InlineData(TemplateEncoding.Markdown)]
    public void Functions_SharedByAllRenderings_CannotBeChanged(TemplateEncoding encoding) =>
        Assert.Throws<InvalidOperationException>(() => TemplateFunctions.Of(encoding)["number"] = null);

    private static TextTemplate Read(string template, TemplateEncoding encoding)
    {
        Assert.True(TextTemplate.Read(template, encoding).IsSuccess(out var read, out var failure), failure);
        return read;
    }

    private static string Rendered(string template, TemplateEncoding encoding) => Rendered(template, limits: null, encoding);

    private static string Rendered(string template, RenderLimits? limits = null, TemplateEncoding encoding = TemplateEncoding.Html)
    {
        Assert.True(Read(template, encoding).Render(Sample, limits ?? RenderLimits.Default).IsSuccess(out var rendered, out var failure), failure);
        return rendered.Text;
    }

    private static string Failure(string template, RenderLimits? limits = null, TemplateEncoding encoding = TemplateEncoding.Html)
    {
        Assert.False(Read(template, encoding).Render(Sample, limits ?? RenderLimits.Default).IsSuccess(out _, out var failure));
        return failure!;
    }

    private static void AssertTooDeep(string template)
    {
        Assert.False(TextTemplate.Read(template, TemplateEncoding.Html).IsSuccess(out _, out var failure));
        Assert.StartsWith("The statement depth limit `100` was reached", failure, StringComparison.Ordinal);
    }

    private sealed record Letter(string Subject, IReadOnlyList<int> Numbers);
}
