using System.CommandLine;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class StateShowCommand
{
    private const int MaxRollouts = 10;
    private const int MaxObservations = 20;

    public static Command Create()
    {
        var what = new WorkloadOptions(required: true, ", or an image: image nginx:1.27");
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Json, OutputFormat.Yaml);
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
        { output.Format, output.File };
        what.AddTo(command);
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, (session, cancellationToken) =>
        {
            if (!output.Of(parsed).IsSuccess(out var target, out var problem))
                return Task.FromResult(CommandLine.Fail(problem));
            if (what.Words(parsed) is ["image", var image])
                return ShowImageAsync(session, image, target, cancellationToken);
            return what.Of(parsed).IsSuccess(out var chosen, out problem) ? ShowWorkloadAsync(session, chosen, target, cancellationToken) : Task.FromResult(CommandLine.Fail(problem));
        }, cancellationToken));
        return command;
    }

    private static async Task<int> ShowWorkloadAsync(StoreSession session, WorkloadChoice chosen, Output target, CancellationToken cancellationToken)
    {
        var store = session.Store.Reporting;
        var baselines = await store.LoadBaselinesAsync(cancellationToken);
        var all = (await store.LoadDecisionsAsync(cancellationToken)).Values.ToList();
        var decisions = all.Where(decision => chosen.Names(decision.Workload)).OrderBy(decision => decision.Workload).ThenBy(decision => decision.Id.Container, StringComparer.Ordinal).ToList();
        if (decisions.Count == 0)
            return CommandLine.Fail($"{chosen} not found in the store{chosen.DidYouMean(all.Select(decision => decision.Workload))}");

        var rollouts = new List<Rollout>();
        foreach (var uid in decisions.Select(decision => decision.Id.WorkloadUid).Distinct(StringComparer.Ordinal))
            rollouts.AddRange(await store.RolloutsOfAsync(uid, MaxRollouts, cancellationToken));

        return target.Write(new Document(Words.Count(decisions.Count, "container"))
        {
            Text = console => Print(console, decisions, baselines, rollouts),
            Json = () => StateDocuments.Workload(decisions, baselines, rollouts, session.Time.GetUtcNow()),
        });
    }

    private static void Print(IAnsiConsole console, List<LastDecision> decisions, IReadOnlyDictionary<ContainerId, Baseline> baselines, List<Rollout> rollouts)
    {
        foreach (var decision in decisions)
        {
            Line(console, $"{decision.Workload} {decision.Id.Container}  {decision.ImageText}");
            Line(console, $"  {decision.Explanation} (since {Time(console, decision.Since)})");
            if (baselines.GetValueOrDefault(decision.Id) is { } baseline)
                Line(console, $"  baseline {baseline.Digest} (since {Time(console, baseline.Since)}, {baseline.Origin}{(baseline.IsUnverified ? ", unverified" : "")})");
        }

        foreach (var rollout in rollouts)
        {
            var verification = rollout.VerificationMessage is { } message ? $"; {message}" : "";
            Line(console, $"  rollout {rollout.Id} {Time(console, rollout.StartedAt)} {rollout.State}: {rollout.Outcome ?? "running"}{verification}");
        }
    }

    private static async Task<int> ShowImageAsync(StoreSession session, string text, Output target, CancellationToken cancellationToken)
    {
        var store = session.Store.Reporting;
        if (!ImageReference.Parse(text).IsSuccess(out var image, out var problem))
            return CommandLine.Fail(problem);
        var states = (await store.LoadImagesAsync(cancellationToken)).Values.Where(state => state.Image == image).OrderBy(state => state.Reader).ToList();
        if (states.Count == 0)
            return CommandLine.Fail($"{image} not found in the store; image-updater state list shows the images of all workloads");

        var observations = new Dictionary<Reader, IReadOnlyList<Observation>>();
        foreach (var state in states)
            observations.Add(state.Reader, [.. (await store.ObservationsOfAsync(state.Observed, cancellationToken)).Take(MaxObservations)]);
        var manifests = await store.LoadManifestsAsync([.. observations.Values.SelectMany(list => list).Select(observation => observation.Digest).Distinct()], cancellationToken);
        return target.Write(new Document(image.ToString())
        {
            Text = console => states.ForEach(state => Print(console, state, observations[state.Reader], manifests)),
            Json = () => StateDocuments.Image(states, observations, manifests, session.Time.GetUtcNow()),
        });
    }

    private static void Print(IAnsiConsole console, ImageState state, IReadOnlyList<Observation> observations, IReadOnlyDictionary<Digest, Manifest> manifests)
    {
        Line(console, $"image         {state.Image}");
        if (!state.Reader.IsShared)
            Line(console, $"read with     the pull secrets of namespace {state.Reader.Namespace}");
        Line(console, $"digest        {state.Digest?.Value ?? "never read"}");
        Line(console, $"media type    {state.MediaType ?? "unknown"}");
        Line(console, $"last checked  {Time(console, state.LastChecked)}");
        Line(console, $"last changed  {Time(console, state.LastChanged)}");
        Line(console, $"next check    {(state.NextCheck is { } next ? Time(console, next) : "due")}");
        if (state.Failure is { } failure)
            Line(console, $"last failure  {failure.Message} ({state.FailuresInARow} in a row)");
        for (var i = 0; i < observations.Count; i++)
        {
            var (observation, newer) = (observations[i], i == 0 ? null : observations[i - 1]);
            Line(console, $"  from {Time(console, observation.From)}{(newer is null ? "" : $" until {Time(console, newer.From)}")}  {observation.Digest}  {observation.MediaType}");
            foreach (var child in manifests.GetValueOrDefault(observation.Digest)?.Children ?? [])
                Line(console, $"    {child.Platform?.ToString() ?? "any platform",-16} {child.Digest}");
        }
    }

    private static void Line(IAnsiConsole console, string text) => console.WriteLine(Terminal.Plain(text));

    private static string Time(IAnsiConsole console, DateTimeOffset? at) => at is { } moment ? Terminal.Moment(console, moment) : "never";
}
