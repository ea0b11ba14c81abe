using System.Text;
using HandlebarsDotNet;

namespace ImageUpdater.Reports;

/// <summary>Encodes what a Markdown template shows, as Handlebars encodes for HTML on its own.</summary>
internal sealed class MarkdownEncoder : ITextEncoder
{
    public void Encode(StringBuilder? text, TextWriter target) => Encode(text?.ToString(), target);

    public void Encode(string? text, TextWriter target) => target.Write(MarkdownText.Escape(text ?? ""));

    public void Encode<T>(T? text, TextWriter target)
        where T : IEnumerator<char>
    {
        var builder = new StringBuilder();
        while (text?.MoveNext() == true)
            builder.Append(text.Current);
        Encode(builder.ToString(), target);
    }
}
