using System.CommandLine;
using ImageUpdater.Core.Images;
using ImageUpdater.Persistence;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class StateShowCommand
{
    private const int MaxRollouts = 10;
    private const int MaxObservations = 20;

    public static Command Create()
    {
        var thing = new Argument<string[]>("WHAT")
        {
            Description = "A workload, for example deployment/web, or image and an image reference, for example image nginx:1.27.",
            Arity = new ArgumentArity(1, 2),
        };
        var @namespace = GlobalOptions.Namespace();
        var command = new Command(
            "show",
            """
            Shows the state of one workload, or of one image: the digests its tag has served and, for an index that a decision needed, the
            manifest of each platform. Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state show deployment/web --namespace default
              image-updater state show image nginx:1.27
            """)
        { thing, @namespace };
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, (session, cancellationToken) => parsed.GetRequiredValue(thing) switch
        {
            ["image", var image] => ShowImageAsync(session.Store.Reporting, image, cancellationToken),
            [var workload] => ShowWorkloadAsync(session.Store.Reporting, workload, parsed.GetValue(@namespace), cancellationToken),
            _ => Task.FromResult(CommandLine.Fail("expected KIND/NAME, for example deployment/web, or image and an image reference, for example image nginx:1.27")),
        }, cancellationToken));
        return command;
    }

    private static async Task<int> ShowWorkloadAsync(IReportingState store, string text, string? @namespace, CancellationToken cancellationToken)
    {
        if (!WorkloadArgument.Read(text).IsSuccess(out var named, out var problem))
            return CommandLine.Fail(problem);

        var baselines = await store.LoadBaselinesAsync(cancellationToken);
        var decisions = (await store.LoadDecisionsAsync(cancellationToken)).Values.Where(decision => named.Names(decision.Workload, @namespace))
            .OrderBy(decision => decision.Workload).ThenBy(decision => decision.Id.Container, StringComparer.Ordinal).ToList();
        if (decisions.Count == 0)
            return CommandLine.Fail($"{text} not found in the store");

        foreach (var decision in decisions)
        {
            Line($"{decision.Workload} {decision.Id.Container}  {decision.ImageText}");
            Line($"  {decision.Explanation} (since {Time(decision.Since)})");
            if (baselines.GetValueOrDefault(decision.Id) is { } baseline)
                Line($"  baseline {baseline.Digest} (since {Time(baseline.Since)}, {baseline.Origin}{(baseline.IsUnverified ? ", unverified" : "")})");
        }

        foreach (var uid in decisions.Select(decision => decision.Id.WorkloadUid).Distinct(StringComparer.Ordinal))
        {
            foreach (var rollout in await store.RolloutsOfAsync(uid, MaxRollouts, cancellationToken))
                Line($"  rollout {rollout.Id} {Time(rollout.StartedAt)} {rollout.State}: {rollout.Outcome ?? "running"}{(rollout.VerificationMessage is { } verification ? $"; {verification}" : "")}");
        }

        return CommandLine.Success;
    }

    private static async Task<int> ShowImageAsync(IReportingState store, string text, CancellationToken cancellationToken)
    {
        if (!ImageReference.Parse(text).IsSuccess(out var image, out var problem))
            return CommandLine.Fail(problem);
        if (!(await store.LoadImagesAsync(cancellationToken)).TryGetValue(image, out var state))
            return CommandLine.Fail($"{image} not found in the store");

        Line($"image         {image}");
        Line($"digest        {state.Digest?.Value ?? "never read"}");
        Line($"media type    {state.MediaType ?? "unknown"}");
        Line($"last checked  {Time(state.LastChecked)}");
        Line($"last changed  {Time(state.LastChanged)}");
        Line($"next check    {(state.NextCheck is { } next ? Time(next) : "due")}");
        if (state.Failure is { } failure)
            Line($"last failure  {failure.Message} ({state.FailuresInARow} in a row)");
        var observations = (await store.ObservationsOfAsync(image, cancellationToken)).Take(MaxObservations).ToList();
        var manifests = await store.LoadManifestsAsync([.. observations.Select(observation => observation.Digest)], cancellationToken);
        for (var i = 0; i < observations.Count; i++)
        {
            var (observation, newer) = (observations[i], i == 0 ? null : observations[i - 1]);
            Line($"  from {Time(observation.From)}{(newer is null ? "" : $" until {Time(newer.From)}")}  {observation.Digest}  {observation.MediaType}");
            foreach (var child in manifests.GetValueOrDefault(observation.Digest)?.Children ?? [])
                Line($"    {child.Platform?.ToString() ?? "any platform",-16} {child.Digest}");
        }

        return CommandLine.Success;
    }

    private static void Line(string text) => Terminal.Output.WriteLine(Terminal.Plain(text));

    private static string Time(DateTimeOffset? at) => at is { } moment ? Terminal.Moment(moment) : "never";
}
