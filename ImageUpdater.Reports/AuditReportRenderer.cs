using System.Text.Json;
using HandlebarsDotNet;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>How a template's output is read, which decides how data in it is encoded.</summary>
public enum TemplateEncoding
{
    Html,
    Markdown,
}

public sealed record RenderedReport(string Text);

/// <summary>The audit report in its formats. Built-in templates are compiled once; everything here may be called from many threads.</summary>
public static class AuditReportRenderer
{
    /// <summary>In characters; a template of a person's hand is far smaller.</summary>
    public const int MaxTemplateLength = 1024 * 1024;

    private static readonly Lazy<HandlebarsTemplate<object, object>> HtmlTemplate =
        new(() => Templates.Compile(Templates.ReadBuiltIn("report.html.hbs"), TemplateEncoding.Html));

    private static readonly Lazy<HandlebarsTemplate<object, object>> MarkdownTemplate =
        new(() => Templates.Compile(Templates.ReadBuiltIn("report.md.hbs"), TemplateEncoding.Markdown));

    /// <summary>One self-contained page, without scripts and without anything to load.</summary>
    public static string Html(AuditReport report) => HtmlTemplate.Value(report);

    public static string Markdown(AuditReport report) => MarkdownTemplate.Value(report);

    public static string Json(AuditReport report) => JsonSerializer.Serialize(report, WireJson.Shape.AuditReport) + "\n";

    /// <summary>The report by a user's own template, or one sentence that says what is wrong with it, and where.</summary>
    public static Result<RenderedReport, string> Render(string templateText, AuditReport report, TemplateEncoding encoding = TemplateEncoding.Html)
    {
        if (templateText.Length > MaxTemplateLength)
            return $"the template has {Words.Number(templateText.Length)} characters; at most {Words.Number(MaxTemplateLength)} are read";

        return Templates.Run(templateText, report, encoding);
    }
}
