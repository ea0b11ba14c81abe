using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

internal static class TemplateFile
{
    public static Result<RenderedText, string> Render(string path, AuditReport report, TemplateEncoding encoding)
    {
        if (MustacheStyle.AdviceFor(path) is { } advice)
            return advice;

        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var unread))
            return $"the template {unread.Message}";

        var rendered = AuditReportRenderer.Render(text, report, encoding);
        return rendered.IsSuccess(out _, out var problem) ? rendered : $"{path}: {problem}";
    }
}
