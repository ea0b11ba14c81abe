using System.CommandLine;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class HistoryCommand
{
    public static Command Create()
    {
        var workload = new WorkloadOptions(required: false);
        var limit = new Option<int>("--limit") { Description = "Maximum number of records.", HelpName = "N", CustomParser = Choices.Count, DefaultValueFactory = _ => 50 };
        var since = SpanOption.Since("Only records of this period, up to now");
        var failed = new Option<bool>("--failed") { Description = "Only failures: restarts and rollouts that failed, were reverted or ended with a mismatch, and quarantines." };
        var watch = Watching.Option();
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "history",
            """
            Shows the audit records, newest first: each restart and each changed decision, with its time, actor and reason.
            Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater history deployment/web --namespace default
              image-updater history --failed --since 24h --watch
            """)
        { since, failed, limit, watch, output.Format, output.File };
        workload.AddTo(command);

        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!workload.Of(parsed).IsSuccess(out var chosen, out var problem) || !output.Of(parsed).IsSuccess(out var target, out problem))
                return CommandLine.Fail(problem);
            var watches = parsed.GetValue(watch);
            if (watches && Watching.Refuse(target) is { } refusal)
                return CommandLine.Fail(refusal);

            var filter = new AuditFilter
            {
                Namespace = chosen.Namespace,
                Kind = chosen.Kind,
                Name = chosen.Name,
                Actions = parsed.GetValue(failed) ? AuditActions.Failures : null,
                Since = parsed.GetValue(since) is { } span ? session.Time.GetUtcNow() - span : null,
                Limit = parsed.GetValue(limit),
            };
            var records = await session.Store.Reporting.AuditAsync(filter, cancellationToken);
            if (watches)
                return await FollowAsync(session, filter, records, target.IsWide, cancellationToken);

            if (records.Count == 0 && target.IsText)
                return await NothingAsync(session, chosen, target, cancellationToken);
            var now = session.Time.GetUtcNow();
            return target.Write(new Document(Words.Count(records.Count, "record"))
            {
                Text = console => new HistoryTable(console, target.IsWide).Print(records, now),
                Json = () => StateLists.Records(records, parsed.GetValue(limit), now),
            });
        }, cancellationToken));
        return command;
    }

    private static async Task<int> NothingAsync(StoreSession session, WorkloadChoice chosen, Output target, CancellationToken cancellationToken)
    {
        var known = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.Select(decision => decision.Workload).ToList();
        var hint = known.Exists(chosen.Names) ? "" : chosen.DidYouMean(known);
        return target.Write(new Document("0 records") { Text = console => console.WriteLine(hint.Length == 0 ? "No records found." : $"No records found{hint}") });
    }

    // Oldest first, because new records are added at the end.
    private static Task<int> FollowAsync(StoreSession session, AuditFilter filter, IReadOnlyList<AuditRecord> records, bool isWide, CancellationToken cancellationToken)
    {
        var table = new HistoryTable(Terminal.Output, isWide);
        table.Print([.. records.Reverse()], session.Time.GetUtcNow());
        var last = records.Count == 0 ? 0 : records[0].Id;
        return Watching.RepeatAsync(session.Time, async () =>
        {
            var added = await session.Store.Reporting.AuditAsync(filter with { AfterId = last, Limit = AuditFilter.DefaultLimit }, cancellationToken);
            if (added.Count == 0)
                return;
            table.Print(added, session.Time.GetUtcNow());
            last = added[^1].Id;
        }, cancellationToken);
    }
}
