using System.CommandLine;
using ImageUpdater.Host.Reporting;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

internal enum ReportFormat
{
    Markdown,
    Html,
    Json,
}

internal static class ReportCommand
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static Command Create()
    {
        var since = new Option<TimeSpan?>("--since")
        {
            Description = "Period of the report, up to now, for example 12h, 30d or 4w. Default: 7d.",
            HelpName = "DURATION",
            CustomParser = argument => SpanOption.Read(argument),
        };
        var @namespace = GlobalOptions.Namespace();
        var format = new Option<ReportFormat>("--format")
        {
            Description = "Output format. Default: by the name of the file of --out (.html, .json), else markdown.",
            HelpName = Choices.Names<ReportFormat>(),
            CustomParser = Choices.OneOf<ReportFormat>,
        };
        var file = new Option<string?>("--out") { Description = "Write to this file instead of standard output.", HelpName = "FILE" };
        var template = new Option<string?>("--template") { Description = "Your own Scriban template, for html or markdown.", HelpName = "FILE" };
        var command = new Command(
            "report",
            """
            Writes the audit report from the state store: each restart with its time, reason, actor, digests and result, and what is held
            or failing. Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater report --since 7d --format html --out report.html
            """)
        { since, @namespace, format, file, template };

        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var report = await ReportSource.ReadAsync(session.Store.Reporting, parsed.GetValue(since) ?? Week, parsed.GetValue(@namespace), cluster: null, session.Time, cancellationToken);
            var chosen = parsed.GetResult(format) is null ? FormatOf(parsed.GetValue(file)) : parsed.GetValue(format);
            string text;
            if (parsed.GetValue(template) is { } templatePath)
            {
                if (chosen == ReportFormat.Json)
                    return CommandLine.Fail("--template does not apply to --format json; use --format html or markdown");
                var rendered = TemplateFile.Render(templatePath, report, chosen == ReportFormat.Html ? TemplateEncoding.Html : TemplateEncoding.Markdown);
                if (!rendered.IsSuccess(out var result, out var problem))
                    return CommandLine.Fail(problem);
                text = result.Text;
            }
            else
            {
                text = chosen switch
                {
                    ReportFormat.Html => AuditReportRenderer.Html(report),
                    ReportFormat.Json => AuditReportRenderer.Json(report),
                    _ => AuditReportRenderer.Markdown(report),
                };
            }

            if (parsed.GetValue(file) is { } path)
                return OutputFile.Write(path, text) is { } unwritten ? CommandLine.Fail(unwritten) : CommandLine.Success;

            Console.Out.Write(text);
            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }

    private static ReportFormat FormatOf(string? file) => Path.GetExtension(file)?.ToLowerInvariant() switch
    {
        ".html" or ".htm" => ReportFormat.Html,
        ".json" => ReportFormat.Json,
        _ => ReportFormat.Markdown,
    };
}
