using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>The audit report in its formats. Everything here may be called from many threads.</summary>
public static class AuditReportRenderer
{
    private static readonly Lazy<TextTemplate> HtmlTemplate = new(() => TextTemplate.BuiltIn("report.html.scriban", TemplateEncoding.Html));

    private static readonly Lazy<TextTemplate> MarkdownTemplate = new(() => TextTemplate.BuiltIn("report.md.scriban", TemplateEncoding.Markdown));

    /// <summary>One self-contained page, without scripts and without anything to load.</summary>
    public static string Html(AuditReport report) => Render(HtmlTemplate.Value, report);

    public static string Markdown(AuditReport report) => Render(MarkdownTemplate.Value, report);

    public static string Json(AuditReport report) => JsonSerializer.Serialize(report, WireJson.Shape.AuditReport) + "\n";

    /// <summary>The report by a user's template, or one message with the problem and its position.</summary>
    public static Result<RenderedText, string> Render(string templateText, AuditReport report, TemplateEncoding encoding = TemplateEncoding.Html)
    {
        if (MustacheStyle.Advice(templateText) is { } advice)
            return advice;

        return TextTemplate.Read(templateText, encoding).IsSuccess(out var template, out var failure) ? template.Render(report) : failure;
    }

    private static string Render(TextTemplate template, AuditReport report) =>
        template.Render(report).IsSuccess(out var rendered, out var failure) ? rendered.Text : throw new InvalidOperationException(failure);
}
