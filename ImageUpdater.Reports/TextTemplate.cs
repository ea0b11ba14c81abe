using ImageUpdater.Core;
using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

public sealed record RenderedText(string Text);

/// <summary>
/// A template, read once, and rendered as often as wanted from any thread. All that is rendered goes through here: reports of ours, and
/// templates of the user's.
/// </summary>
public sealed class TextTemplate
{
    /// <summary>In characters. Ours have 20,000; a mebibyte of braces keeps the parser busy for seconds.</summary>
    public const int MaxLength = 256 * 1024;

    // Blocks and parentheses within one another. Scriban works by recursion.
    private static readonly ParserOptions Nesting = new() { ExpressionDepthLimit = 100 };

    private readonly Template template;
    private readonly TemplateEncoding encoding;

    private TextTemplate(Template template, TemplateEncoding encoding)
    {
        this.template = template;
        this.encoding = encoding;
    }

    /// <summary>The template, or one message with the problem and its position.</summary>
    public static Result<TextTemplate, string> Read(string text, TemplateEncoding encoding)
    {
        if (text.Length > MaxLength)
            return $"the template has {Words.Number(text.Length)} characters; the maximum is {Words.Number(MaxLength)}";

        var parsed = Template.Parse(text, parserOptions: Nesting);
        if (parsed.HasErrors)
            return TemplateFailure.Message(parsed.Messages);

        return TemplateSyntax.FirstRefused(parsed.Page!) is { } refused ? TemplateFailure.Message(refused) : new TextTemplate(parsed, encoding);
    }

    /// <summary>A built-in template.</summary>
    public static TextTemplate BuiltIn(string name, TemplateEncoding encoding) =>
        Read(ReadBuiltIn(name), encoding).IsSuccess(out var builtIn, out var failure) ? builtIn : throw new InvalidOperationException($"{name}: {failure}");

    internal static string ReadBuiltIn(string name)
    {
        using var stream = typeof(TextTemplate).Assembly.GetManifestResourceStream($"ImageUpdater.Reports.Templates.{name}")
            ?? throw new InvalidOperationException($"The template {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The text, or one message with the template's problem and its position.</summary>
    /// <param name="model">Its public properties are the names that the template sees, spelled as in JSON.</param>
    public Result<RenderedText, string> Render(object model) => Render(model, RenderLimits.Default);

    internal Result<RenderedText, string> Render(object model, RenderLimits limits)
    {
        using var timeIsUp = new CancellationTokenSource(limits.Time, TimeProvider.System);
        try
        {
            return new RenderedText(template.Render(new RenderContext(model, encoding, limits, timeIsUp.Token)));
        }
        catch (ScriptAbortException)
        {
            return $"the template timed out after {limits.Time.TotalSeconds} s";
        }
        catch (ScriptRuntimeException failure)
        {
            return TemplateFailure.Message(failure);
        }
    }
}
