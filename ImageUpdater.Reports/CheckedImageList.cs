using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Reports;

/// <param name="Digest">What the tag serves; absent if that is not known.</param>
/// <param name="ServedSince">When it was first observed.</param>
/// <param name="CheckedAt">Absent if the registry was never asked.</param>
/// <param name="Failure">Why the check failed; absent if it succeeded.</param>
/// <param name="Workloads">Those that track the image, as <c>namespace/kind/name</c>.</param>
public sealed record CheckedImageDocument(
    string Image, string? Digest, DateTimeOffset? ServedSince, DateTimeOffset? CheckedAt, DateTimeOffset? NextCheck, string? Failure, IReadOnlyList<string> Workloads)
{
    public static CheckedImageDocument Of(
        ImageReference image, ImageCheck? check, DateTimeOffset? servedSince, DateTimeOffset? nextCheck, IEnumerable<WorkloadKey> workloads) => new(
        WireJson.Text(image.ToString()),
        (check as ServedCheck)?.Digest.Value,
        check is ServedCheck ? servedSince?.ToUniversalTime() : null,
        check?.At.ToUniversalTime(),
        nextCheck?.ToUniversalTime(),
        check is FailedCheck failed ? WireJson.Text(failed.Failure.Message) : null,
        [.. workloads.Select(workload => workload.ToString())]);
}

/// <summary>What <c>check</c> and <c>POST /api/v1/check</c> write, formatVersion 1, under the rules of <see cref="PlanJson"/> for what may change.</summary>
public static class CheckedImageList
{
    private const string Kind = "CheckedImageList";

    public static string Write(IReadOnlyList<CheckedImageDocument> images, DateTimeOffset now) =>
        JsonSerializer.Serialize(new StateList<CheckedImageDocument>(Kind, "1.0", now.ToUniversalTime(), HasMore: false, images), WireJson.Shape.StateListCheckedImageDocument) + "\n";

    /// <summary>The images; or a message why the text can't be read.</summary>
    public static Result<CheckedImageDocument[], string> Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Shape.StateListCheckedImageDocument) is { Kind: Kind, Items: { } items }
                ? items.ToArray()
                : $"it is not a {Kind}";
        }
        catch (JsonException exception)
        {
            return UntrustedText.Bound(exception.Message);
        }
    }
}
