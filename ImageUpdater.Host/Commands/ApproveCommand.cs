using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Approves the digests that a workload is held for, by its annotation <c>approved-digest</c>.</summary>
internal static class ApproveCommand
{
    // Enough for a deploy that edits the workload at the same time.
    private const int MaxAttempts = 5;

    // Shorter ones are not a digest that somebody read.
    private const int MinDigits = 7;

    public static Command Create()
    {
        var workload = new WorkloadOptions(required: false);
        var digest = new Option<string?>("--digest") { Description = "Approve only if this is the digest that would be rolled out; 7 digits are enough.", HelpName = "DIGEST" };
        var list = new Option<bool>("--list") { Description = "List what is held for approval, and approve nothing." };
        var yes = new Option<bool>("--auto-approve") { Description = "Approve without asking for confirmation." };
        var command = new Command(
            "approve",
            """
            Approves the digest that a workload is held for: shows it, asks, and writes the annotation approved-digest with your own rights in
            the cluster. The controller, or the next apply, restarts the workload for it. Can be used while a controller is running.

            Exit codes: 0 done; 1 nothing to approve, or an error.

            Example:
              image-updater approve --list
              image-updater approve deployment/web --namespace default
            """)
        { digest, list, yes };
        workload.AddTo(command);

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!workload.Of(parsed).IsSuccess(out var chosen, out var problem))
                return CommandLine.Fail(problem);
            if (chosen.Name is null && !parsed.GetValue(list))
                return CommandLine.Fail("say which workload to approve, for example deployment/web; approve --list shows them");

            if (!(await session.LookAsync(chosen.Namespace, cancellationToken)).IsSuccess(out var plan, out var failure))
                return CommandLine.Fail(failure.Message);

            var held = plan.Plan.Workloads.Where(candidate => chosen.Names(candidate.Key)).SelectMany(Held).ToList();
            if (parsed.GetValue(list))
                return List(Terminal.Output, held);
            if (held.Select(row => row.Workload.Key).Distinct().ToList() is { Count: > 1 } several)
                return CommandLine.Fail($"{chosen} is {string.Join(" and ", several)}; say which one");
            if (held.Count == 0)
                return CommandLine.Fail($"nothing to approve for {chosen}{chosen.DidYouMean(plan.Plan.Workloads.Where(other => Held(other).Any()).Select(other => other.Key))}; run image-updater approve --list");
            if (parsed.GetValue(digest) is { } wanted)
            {
                if (held.Where(row => Is(row.Container.To!, wanted)).ToList() is not { Count: > 0 } matching)
                    return CommandLine.Fail($"'{UntrustedText.Bound(wanted, 80)}' is not what would be rolled out: {string.Join(", ", held.Select(row => $"{row.Container.Container} {row.Container.To}"))}");
                held = matching;
            }

            foreach (var row in held)
                Print(Terminal.Output, row);
            if (!parsed.GetValue(yes) && !await Confirmation.AskAsync(Terminal.Output, $"Approve {Words.Count(held.Count, "digest")}?", cancellationToken))
                return CommandLine.Fail("not approved; nothing was changed. Answer yes, or use --auto-approve");

            if (await WriteAsync(session, held, cancellationToken) is { } refused)
                return CommandLine.Fail(refused);
            Terminal.Output.WriteLine(Terminal.Plain(session.Store.IsReadOnly
                ? $"{held[0].Workload.Key}: approved. The controller restarts it in its next cycle, unless something else holds it."
                : $"{held[0].Workload.Key}: approved. Run image-updater apply to restart it."));
            return CommandLine.Success;
        }, cancellationToken, mayOnlyRead: true));
        return command;
    }

    private static IEnumerable<HeldContainer> Held(WorkloadPlan workload) => workload.Containers
        .Where(container => container.To is not null && container.Holds.Any(hold => hold.Reason == DecisionReason.ApprovalRequired))
        .Select(container => new HeldContainer(workload, container));

    private static bool Is(Digest digest, string wanted)
    {
        var digits = wanted[(wanted.IndexOf(':') + 1)..];
        return digits.Length >= MinDigits && digest.Value[(digest.Value.IndexOf(':') + 1)..].StartsWith(digits, StringComparison.OrdinalIgnoreCase);
    }

    private static int List(IAnsiConsole console, List<HeldContainer> held)
    {
        if (held.Count == 0)
        {
            console.WriteLine("Nothing is held for approval.");
            return CommandLine.Success;
        }

        var table = new TextTable("WORKLOAD", "CONTAINER", "IMAGE", "FROM", "TO");
        foreach (var (workload, container) in held)
            table.Add(workload.Key.ToString(), container.Container, container.ImageText, container.From?.Abbreviated ?? "", container.To!.Abbreviated);
        table.Print(console);
        return CommandLine.Success;
    }

    private static void Print(IAnsiConsole console, HeldContainer held)
    {
        console.MarkupLine($"[bold]{Terminal.Text(held.Workload.Key.ToString())}[/]");
        console.MarkupLine($"  {Terminal.Text(held.Container.Container)}  {Terminal.Text(held.Container.ImageText)}");
        console.MarkupLine($"    [red]{held.Container.From?.Value ?? "(no baseline)"}[/]");
        console.MarkupLine($" -> [green]{held.Container.To}[/]");
        foreach (var other in held.Container.Holds.Where(hold => hold.Reason != DecisionReason.ApprovalRequired))
            console.MarkupLine($"    [yellow]![/] also held: {Terminal.Text(other.Explanation)}");
    }

    // Read again each time, so that an approval of another container that was written meanwhile stays.
    private static async Task<string?> WriteAsync(Session session, List<HeldContainer> held, CancellationToken cancellationToken)
    {
        if (session.ObserveOnly)
            return Session.ObserveOnlyMessage;

        var planned = held[0].Workload;
        for (var attempt = 1; ; attempt++)
        {
            var read = await session.Cluster.GetWorkloadAsync(planned.Key, cancellationToken);
            if (!read.IsSuccess(out var workload, out var unread))
                return $"cannot read {planned.Key}: {unread.Message}";
            if (workload.Uid != planned.Uid)
                return $"{planned.Key} was deleted and created again; nothing was changed";

            var value = held.Aggregate(
                workload.Annotations.GetValueOrDefault(Annotations.ApprovedDigest), (value, row) => ApprovedDigests.With(value, row.Container.Container, row.Container.To!));
            var patched = await session.Cluster.PatchWorkloadAsync(planned.Key, WorkloadPatch.Annotate(workload, Annotations.ApprovedDigest, value!), cancellationToken);
            if (patched.IsSuccess(out _, out var refused))
                return null;
            if (refused.Kind != KubernetesFailureKind.Conflict || attempt == MaxAttempts)
                return $"cannot annotate {planned.Key}: {refused.Message}";
        }
    }

    private sealed record HeldContainer(WorkloadPlan Workload, ContainerDecision Container);
}
