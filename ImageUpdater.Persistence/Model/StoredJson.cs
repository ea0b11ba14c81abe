using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

// JSON formats of short lists that are always read whole. Separate from Core's types, so that renaming something there does not make existing
// stores unreadable.
internal sealed record StoredChild(string Digest, string? Os, string? Architecture, string? Variant);

internal sealed record StoredChange(string Container, bool Init, string Image, string? From, string To, string Reason);

internal sealed record StoredBaseline(string Container, string Image, string Digest, string Origin, DateTimeOffset Since, bool? Unverified = null);

internal sealed record StoredPullPolicy(string Container, bool Init, string? Before);

internal sealed record StoredImageChange(string Container, bool Init, string Before, string After);

internal sealed record StoredRestart(string LastDigest, StoredPullPolicy[] PullPolicies, StoredImageChange[]? Images, string? PinnedDigest);

internal sealed record StoredHold(string Reason, string Explanation, DateTimeOffset? Until);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredChild[]))]
[JsonSerializable(typeof(StoredChange[]))]
[JsonSerializable(typeof(StoredBaseline[]))]
[JsonSerializable(typeof(StoredPullPolicy[]))]
[JsonSerializable(typeof(StoredRestart))]
[JsonSerializable(typeof(StoredHold[]))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class StoredJson : JsonSerializerContext
{
    public static string Write(IEnumerable<IndexEntry> children) => JsonSerializer.Serialize(
        [.. children.Select(child => new StoredChild(child.Digest.Value, child.Platform?.Os, child.Platform?.Architecture, child.Platform?.Variant))],
        Default.StoredChildArray);

    public static IReadOnlyList<IndexEntry> ReadChildren(string json) =>
    [
        .. Read(Parse(json, Default.StoredChildArray)).Select(child => new IndexEntry(
            DigestConversion.Read(child.Digest),
            child is { Os: { } os, Architecture: { } architecture } ? new Platform(os, architecture, child.Variant) : null)),
    ];

    public static string Write(IEnumerable<DigestChange> changes) => JsonSerializer.Serialize(
        [.. changes.Select(change => new StoredChange(
            change.Container, change.IsInit, change.Image, change.From?.Value, change.To.Value, change.Reason.ToString()))],
        Default.StoredChangeArray);

    public static IReadOnlyList<DigestChange> ReadChanges(string json) =>
    [
        .. Read(Parse(json, Default.StoredChangeArray)).Select(change => new DigestChange(
            change.Container, change.Init, change.Image,
            change.From is null ? null : DigestConversion.Read(change.From), DigestConversion.Read(change.To), Names.Parse<DecisionReason>(change.Reason))),
    ];

    public static string Write(IEnumerable<Baseline> baselines) => JsonSerializer.Serialize(
        [.. baselines.Select(baseline => new StoredBaseline(
            baseline.Id.Container, baseline.Image.ToString(), baseline.Digest.Value, baseline.Origin.ToString(), baseline.Since,
            baseline.IsUnverified ? true : null))],
        Default.StoredBaselineArray);

    /// <param name="uid">Uid of the list's workload, which the JSON does not contain.</param>
    public static IReadOnlyList<Baseline> ReadBaselines(string json, string uid) =>
    [
        .. Read(Parse(json, Default.StoredBaselineArray)).Select(baseline => new Baseline(
            new ContainerId(uid, baseline.Container),
            ImageReferenceConversion.Read(baseline.Image),
            DigestConversion.Read(baseline.Digest), Names.Parse<BaselineOrigin>(baseline.Origin), baseline.Since) { IsUnverified = baseline.Unverified == true }),
    ];

    public static string Write(IEnumerable<PullPolicyChange> policies) => JsonSerializer.Serialize(Stored(policies), Default.StoredPullPolicyArray);

    public static IReadOnlyList<PullPolicyChange> ReadPullPolicies(string json) => Policies(Parse(json, Default.StoredPullPolicyArray));

    public static string Write(RestartChange restart) => JsonSerializer.Serialize(
        new StoredRestart(
            restart.LastDigest,
            Stored(restart.PullPolicies),
            restart.Images.Count == 0 ? null : [.. restart.Images.Select(image => new StoredImageChange(image.Container, image.IsInit, image.Before, image.After))],
            restart.PinnedDigest),
        Default.StoredRestart);

    public static RestartChange? ReadRestart(string json) => Parse(json, Default.StoredRestart) is not { } restart
        ? null
        : new RestartChange(restart.LastDigest, Policies(restart.PullPolicies))
        {
            Images = [.. Read(restart.Images).Select(image => new ImageChange(image.Container, image.Init, image.Before, image.After))],
            PinnedDigest = restart.PinnedDigest,
        };

    public static string Write(IEnumerable<Hold> holds) => JsonSerializer.Serialize(
        [.. holds.Select(hold => new StoredHold(hold.Reason.ToString(), hold.Explanation, hold.Until))], Default.StoredHoldArray);

    public static IReadOnlyList<Hold> ReadHolds(string json) =>
    [
        .. Read(Parse(json, Default.StoredHoldArray)).Select(hold =>
            new Hold(Names.Parse<DecisionReason>(hold.Reason), hold.Explanation, hold.Until)),
    ];

    public static string? Write(IReadOnlyList<string> texts) => texts.Count == 0 ? null : JsonSerializer.Serialize([.. texts], Default.StringArray);

    public static IReadOnlyList<string> ReadTexts(string? json) => json is null ? [] : Read(Parse(json, Default.StringArray));

    private static StoredPullPolicy[] Stored(IEnumerable<PullPolicyChange> policies) =>
        [.. policies.Select(policy => new StoredPullPolicy(policy.Container, policy.IsInit, policy.Before))];

    private static IReadOnlyList<PullPolicyChange> Policies(StoredPullPolicy[]? policies) =>
        [.. Read(policies).Select(policy => new PullPolicyChange(policy.Container, policy.Init, policy.Before))];

    private static T? Parse<T>(string json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException exception)
        {
            throw new UnreadableValueException(exception.Message, exception);
        }
    }

    private static T[] Read<T>(T[]? items) => items ?? [];
}
