using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ImageUpdater.Reports;

/// <summary>How a template's output is read, which decides how the values in it are encoded. The template's own text never is.</summary>
public enum TemplateEncoding
{
    Html,
    Markdown,

    /// <summary>Nothing is markup: a value stays as it is, on one line.</summary>
    Text,
}

/// <summary>Text that is encoded already: the one kind of value that is written as it is.</summary>
internal sealed record EncodedText(string Text);

internal static class Encoders
{
    // Letters and signs of any script stay readable in the source of a page.
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    public static Func<string, string> Of(TemplateEncoding encoding) => encoding switch
    {
        TemplateEncoding.Html => Html.Encode,
        TemplateEncoding.Markdown => MarkdownText.Escape,
        TemplateEncoding.Text => MarkdownText.OneLine,
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, message: null),
    };
}
