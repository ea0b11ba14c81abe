using System.CommandLine;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Lists the containers in the store, with their baseline and last decision.</summary>
internal static class StateListCommand
{
    public static Command Create()
    {
        var workload = new WorkloadOptions(required: false);
        var since = SpanOption.Since("Only decisions that changed in this period, up to now");
        var failed = new Option<bool>("--failed") { Description = "Only containers that can't be decided (skipped), or are held until somebody does something." };
        var watch = Watching.Option();
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "list",
            """
            Lists the containers in the store, with their baseline and last decision. Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state list --namespace default
            """)
        { since, failed, watch, output.Format, output.File };
        workload.AddTo(command);
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!workload.Of(parsed).IsSuccess(out var chosen, out var problem) || !output.Of(parsed).IsSuccess(out var target, out problem))
                return CommandLine.Fail(problem);
            var watches = parsed.GetValue(watch);
            if (watches && Watching.Refuse(target) is { } refusal)
                return CommandLine.Fail(refusal);

            var filter = new Filter(chosen, parsed.GetValue(since) is { } span ? session.Time.GetUtcNow() - span : null, parsed.GetValue(failed));
            var listed = await ReadAsync(session, filter, cancellationToken);
            if (watches)
                return await FollowAsync(session, filter, listed, target.IsWide, cancellationToken);

            return target.Write(new Document(Words.Count(listed.Decisions.Count, "container"))
            {
                Text = console => Print(console, listed, chosen, target.IsWide, session.Time.GetUtcNow()),
                Json = () => StateLists.Workloads(listed.Decisions, listed.Baselines, listed.Decisions.Count, session.Time.GetUtcNow()),
            });
        }, cancellationToken));
        return command;
    }

    private static async Task<Listed> ReadAsync(StoreSession session, Filter filter, CancellationToken cancellationToken)
    {
        var all = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.ToList();
        var baselines = await session.Store.Reporting.LoadBaselinesAsync(cancellationToken);
        return new Listed(all, [.. all.Where(filter.Shows).OrderBy(decision => decision.Workload).ThenBy(decision => decision.Id.Container, StringComparer.Ordinal)], baselines);
    }

    private static void Print(IAnsiConsole console, Listed listed, WorkloadChoice chosen, bool isWide, DateTimeOffset now)
    {
        if (listed.Decisions.Count > 0)
        {
            new StateTable(console, isWide).Print(listed.Decisions, listed.Baselines, now);
            return;
        }

        var known = listed.All.ConvertAll(decision => decision.Workload);
        var hint = known.Exists(chosen.Names) ? "" : chosen.DidYouMean(known);
        console.WriteLine(hint.Length == 0 ? "No containers found." : $"No containers found{hint}");
    }

    private static Task<int> FollowAsync(StoreSession session, Filter filter, Listed listed, bool isWide, CancellationToken cancellationToken)
    {
        var table = new StateTable(Terminal.Output, isWide);
        var printed = listed;
        table.Print(listed.Decisions, listed.Baselines, session.Time.GetUtcNow());
        return Watching.RepeatAsync(session.Time, async () =>
        {
            var now = await ReadAsync(session, filter, cancellationToken);
            var before = printed.Decisions.ToDictionary(decision => decision.Id);
            var changed = now.Decisions.Where(decision =>
                before.GetValueOrDefault(decision.Id) != decision || printed.Baselines.GetValueOrDefault(decision.Id) != now.Baselines.GetValueOrDefault(decision.Id)).ToList();
            if (changed.Count > 0)
                table.Print(changed, now.Baselines, session.Time.GetUtcNow());
            printed = now;
        }, cancellationToken);
    }

    private sealed record Listed(List<LastDecision> All, IReadOnlyList<LastDecision> Decisions, IReadOnlyDictionary<ContainerId, Baseline> Baselines);

    private sealed record Filter(WorkloadChoice Chosen, DateTimeOffset? Since, bool Failed)
    {
        public bool Shows(LastDecision decision) =>
            Chosen.Names(decision.Workload) && (Since is null || decision.Since >= Since) && (!Failed || StateTable.NeedsSomebody(decision));
    }
}
