using System.Text.Json;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A document about one thing, formatVersion 1, under the rules of <see cref="PlanJson"/> for what may change.</summary>
internal sealed record StateDocument<T>(string Kind, string FormatVersion, DateTimeOffset GeneratedAt, T Item);

internal sealed record WorkloadStateDocument(IReadOnlyList<ListedWorkload> Workloads, IReadOnlyList<ReportedRestart> Rollouts);

/// <param name="Observations">Newest first.</param>
/// <param name="Namespace">The namespace whose pull secrets it is read with; absent for what all share.</param>
/// <param name="ByNamespace">What further namespaces read of it; absent for none.</param>
internal sealed record ImageStateDocument(
    string Image, string? Digest, string? MediaType, DateTimeOffset? LastChecked, DateTimeOffset? LastChanged, DateTimeOffset? NextCheck,
    string? Failure, int FailuresInARow, IReadOnlyList<ObservationDocument> Observations, string? Namespace = null, IReadOnlyList<ImageStateDocument>? ByNamespace = null);

/// <param name="Until">Absent for the digest that is served now.</param>
/// <param name="Manifests">Of an index that a decision needed; absent for others.</param>
internal sealed record ObservationDocument(string Digest, string MediaType, DateTimeOffset From, DateTimeOffset? Until, IReadOnlyList<PlatformDocument>? Manifests);

/// <param name="Platform">Absent where the index does not name one.</param>
public sealed record PlatformDocument(string? Platform, string Digest);

/// <param name="Digest">Absent where the registry did not answer, as the four after it.</param>
/// <param name="Failure">Absent where it did.</param>
/// <param name="Tried">Credentials that were tried before, and how each attempt ended.</param>
public sealed record ResolvedImageDocument(
    string Image, string? Digest, string? MediaType, string? Server, string? Credential, IReadOnlyList<PlatformDocument>? Manifests, string? Failure, IReadOnlyList<TriedCredential> Tried);

public sealed record TriedCredential(string Credential, string Result);

internal sealed record DiagnosisDocument(int Ok, int Warnings, int Failed, IReadOnlyList<FindingDocument> Findings);

/// <param name="Status">ok, warning or failed.</param>
/// <param name="Hint">What to do; absent if there is nothing to do.</param>
/// <param name="Manifest">YAML to apply; absent if there is none.</param>
public sealed record FindingDocument(string Check, string Status, string Message, string? Hint, string? Manifest);

/// <summary>What <c>state show</c>, <c>resolve</c> and <c>doctor</c> write.</summary>
public static class StateDocuments
{
    private const string FormatVersion = "1.0";

    public static string Workload(
        IEnumerable<LastDecision> decisions, IReadOnlyDictionary<ContainerId, Baseline> baselines, IReadOnlyList<Rollout> rollouts, DateTimeOffset now)
    {
        var document = new WorkloadStateDocument([.. StateLists.Listed(decisions, baselines)], StateLists.Reported(rollouts, now));
        return Write("WorkloadState", document, now);
    }

    /// <param name="states">Of one image, what all share first.</param>
    public static string Image(
        IReadOnlyList<ImageState> states, IReadOnlyDictionary<Reader, IReadOnlyList<Observation>> observations, IReadOnlyDictionary<Digest, Manifest> manifests, DateTimeOffset now) => Write(
        "ImageState",
        Document(states[0], observations, manifests) with { ByNamespace = states.Count == 1 ? null : [.. states.Skip(1).Select(state => Document(state, observations, manifests))] },
        now);

    public static string Resolved(ResolvedImageDocument image, DateTimeOffset now) => Write("ResolvedImage", image, now);

    /// <param name="findings">In the order to show.</param>
    public static string Diagnosis(IReadOnlyList<FindingDocument> findings, DateTimeOffset now) => Write(
        "Diagnosis",
        new DiagnosisDocument(
            findings.Count(finding => finding.Status == "ok"), findings.Count(finding => finding.Status == "warning"), findings.Count(finding => finding.Status == "failed"),
            [.. findings.Select(finding => finding with { Message = WireJson.Text(finding.Message), Hint = WireText(finding.Hint) })]),
        now);

    public static IReadOnlyList<PlatformDocument> Platforms(Manifest manifest) => [.. (manifest.Children ?? []).Select(child => new PlatformDocument(WireText(child.Platform?.ToString()), child.Digest.Value))];

    private static ImageStateDocument Document(
        ImageState state, IReadOnlyDictionary<Reader, IReadOnlyList<Observation>> observations, IReadOnlyDictionary<Digest, Manifest> manifests)
    {
        var own = observations[state.Reader];
        return new ImageStateDocument(
            state.Image.ToString(), state.Digest?.Value, WireText(state.MediaType), state.LastChecked?.ToUniversalTime(), state.LastChanged?.ToUniversalTime(), state.NextCheck?.ToUniversalTime(),
            WireText(state.Failure?.Message), state.FailuresInARow,
            [.. own.Select((observation, i) => Document(observation, i == 0 ? null : own[i - 1].From, manifests.GetValueOrDefault(observation.Digest)))],
            state.Reader.Namespace);
    }

    private static ObservationDocument Document(Observation observation, DateTimeOffset? until, Manifest? manifest) => new(
        observation.Digest.Value, WireJson.Text(observation.MediaType), observation.From.ToUniversalTime(), until?.ToUniversalTime(), manifest?.Children is { Count: > 0 } ? Platforms(manifest) : null);

    private static string? WireText(string? text) => text is null ? null : WireJson.Text(text);

    private static string Write<T>(string kind, T item, DateTimeOffset now) =>
        JsonSerializer.Serialize(new StateDocument<T>(kind, FormatVersion, now.ToUniversalTime(), item), typeof(StateDocument<T>), WireJson.Shape) + "\n";
}
