using System.CommandLine;
using ImageUpdater.Host.Reporting;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

internal static class ReportCommand
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static Command Create()
    {
        var since = SpanOption.Since("Period of the report, up to now. Default: 7d");
        var @namespace = GlobalOptions.Namespace();
        var output = new OutputOptions(OutputFormat.Markdown, OutputFormat.Html, OutputFormat.Json, OutputFormat.Yaml);
        // The option's name before the commands had it in common.
        output.Format.Aliases.Add("--format");
        var template = new Option<string?>("--template") { Description = "Your own Scriban template, for html or markdown.", HelpName = "FILE" };
        var command = new Command(
            "report",
            """
            Writes the audit report from the state store: each restart with its time, reason, actor, digests and result, and what is held
            or failing. Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater report --since 7d --out report.html
            """)
        { since, output.Format, output.File, template };
        GlobalOptions.AddNamespace(command, @namespace);

        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!output.Of(parsed).IsSuccess(out var target, out var problem))
                return CommandLine.Fail(problem);

            var report = await ReportSource.ReadAsync(session.Store.Reporting, parsed.GetValue(since) ?? Week, parsed.GetValue(@namespace), new ReportOrigin(Cluster: null, session.ObserveOnly), session.Time, cancellationToken);
            var document = new Document(Words.Count(report.Summary.Restarts, "restart"))
            {
                Html = () => AuditReportRenderer.Html(report),
                Markdown = () => AuditReportRenderer.Markdown(report),
                Json = () => AuditReportRenderer.Json(report),
            };
            if (parsed.GetValue(template) is not { } templatePath)
                return target.Write(document);

            if (target.Format is not (OutputFormat.Html or OutputFormat.Markdown))
                return CommandLine.Fail($"--template does not apply to --output {Choices.Name(target.Format)}; use html or markdown");
            var rendered = TemplateFile.Render(templatePath, report, target.Format == OutputFormat.Html ? TemplateEncoding.Html : TemplateEncoding.Markdown);
            return rendered.IsSuccess(out var result, out problem)
                ? target.Write(document with { Html = () => result.Text, Markdown = () => result.Text })
                : CommandLine.Fail(problem);
        }, cancellationToken));
        return command;
    }
}
