using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

internal enum ComparisonKind
{
    Changed,
    Same,
    Missing,
    Unreadable,

    /// <summary>The registry no longer has the previous manifest, or never had it.</summary>
    BeforeGone,
}

internal readonly record struct Comparison(ComparisonKind Kind, string Explanation);

/// <summary>Reads pods and manifests from the input and records which are missing.</summary>
internal sealed class ResolvedInputs(PlanningInput input)
{
    private readonly HashSet<string> neededPods = new(StringComparer.Ordinal);
    private readonly HashSet<string> neededRevisions = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, ImageReference> neededManifests = [];
    private readonly Dictionary<ObservedImage, ImageReference> neededServed = [];

    // Many containers share an image, and most of them have the same baseline.
    private readonly Dictionary<(Digest Before, ObservedImage Image, bool MustExist), Comparison> comparisons = [];

    private readonly List<Platform> platforms = [.. input.NodePlatforms.Distinct().Order()];

    private WorkloadSnapshot? lastWorkload;
    private IReadOnlyList<PodSnapshot> lastPods = [];

    public MissingInputs MissingInputs => new(neededPods, neededManifests, neededServed) { RevisionsOfWorkloads = neededRevisions };

    /// <summary>The pods of a workload, whatever the state of its rollout; null if they have yet to be read.</summary>
    public IReadOnlyList<PodSnapshot>? Pods(WorkloadSnapshot workload)
    {
        if (input.Pods.TryGetValue(workload.Uid, out var pods))
            return pods;

        neededPods.Add(workload.Uid);
        return null;
    }

    /// <summary>Whether a pod that reports this digest runs what the tag serves.</summary>
    public bool IsServed(Digest reported, ServedCheck served) =>
        reported == served.Digest || ManifestMatch.Stands(reported, served.Digest, LookupServed(served.Digest, served).Value, Known);

    /// <summary>Whether every current pod, and at least one, reports the digest served, a child of its index or a config of it.</summary>
    public bool AllRun(WorkloadSnapshot workload, string container, ServedCheck served)
    {
        var pods = CurrentPods(workload);
        if (pods.Count == 0)
            return false;

        var reported = new List<Digest>(pods.Count);
        foreach (var pod in pods)
        {
            if (Reported(pod, container) is not { } report)
                return false;
            reported.Add(report.Digest);
        }

        if (reported.TrueForAll(digest => digest == served.Digest))
            return true;

        var manifest = LookupServed(served.Digest, served).Value;
        return reported.TrueForAll(digest => ManifestMatch.Stands(digest, served.Digest, manifest, Known));
    }

    /// <summary>Whether somebody undid our rollout of the digest served; the state store no longer knows of it.</summary>
    public bool IsUndone(WorkloadSnapshot workload, string container, bool isFirstTracked, ServedCheck served)
    {
        if (input.Revisions.TryGetValue(workload.Uid, out var revisions))
            return RevisionSnapshot.Undone(workload, revisions, container, isFirstTracked) == served.Digest;

        neededRevisions.Add(workload.Uid);
        return false;
    }

    /// <summary>Why the pods of a restart could not pull or run what is served; null if nothing prevents it.</summary>
    public Comparison? ObstacleTo(ServedCheck served)
    {
        if (!LookupServed(served.Digest, served).IsSuccess(out var next, out var failure))
            return Unreadable(failure);
        return platforms.Count > 0 && !platforms.Exists(platform => next.For(platform).Count > 0) ? Missing(next, served) : null;
    }

    /// <summary>Whether the two digests differ for the platforms of the nodes.</summary>
    /// <param name="mustExist">The previous digest is not confirmed: it is used only if the registry has it.</param>
    public Comparison Compare(Digest before, ServedCheck served, bool mustExist)
    {
        var key = (before, served.Observed, mustExist);
        if (!comparisons.TryGetValue(key, out var comparison))
            comparisons.Add(key, comparison = CompareManifests(before, served, mustExist));
        return comparison;
    }

    private Comparison CompareManifests(Digest before, ServedCheck served, bool mustExist)
    {
        var image = served.Image;
        var after = LookupServed(served.Digest, served);
        if (platforms.Count == 0 && !mustExist)
            return after.IsSuccess(out _, out var unread) ? Another(ComparisonKind.Changed) : Unreadable(unread);

        // Both are looked up before either is evaluated, so that one more read brings all missing manifests.
        var earlier = Lookup(before, served);
        if (!after.IsSuccess(out var next, out var failure))
            return Unreadable(failure);

        if (platforms.Count == 0)
            return earlier.IsSuccess(out _, out failure) ? Another(ComparisonKind.Changed) : Without(failure);

        var available = platforms.FindAll(platform => next.For(platform).Count > 0);
        if (available.Count == 0)
            return SameMismatch(before, next, served) ?? Missing(next, served);

        if (!earlier.IsSuccess(out var previous, out failure))
            return Without(failure);

        var changed = available.FindAll(platform => !previous.For(platform).SequenceEqual(next.For(platform)));
        var isKnown = previous.Children is not null || previous.Platform is not null;
        var missing = platforms.FindAll(platform => isKnown && !available.Contains(platform) && previous.For(platform).Count > 0);
        if (changed.Count > 0)
        {
            var gone = missing.Count == 0 ? "" : $"; no longer available for {string.Join(", ", missing)}";
            return new(ComparisonKind.Changed, $"new digest for {string.Join(", ", changed)}{gone}");
        }

        return missing.Count > 0
            ? new(ComparisonKind.Missing, $"{image} no longer has a manifest for {string.Join(", ", missing)}; unchanged for the other node platforms")
            : new(ComparisonKind.Same, "new digest, but the manifests for the node platforms are unchanged");

        Comparison Without(RegistryFailure failure) => IsPassing(failure.Kind)
            ? new(ComparisonKind.Unreadable, failure.Message)
            : Another(ComparisonKind.BeforeGone);

        Comparison Another(ComparisonKind kind) => new(kind, "new digest");
    }

    // Some single manifests name a wrong platform in their config, and run anyway: runtimes do not check it. If the previous one was such an
    // image too, the next one is rolled out.
    private Comparison? SameMismatch(Digest before, Manifest next, ServedCheck served)
    {
        if (next.Platform is null)
            return null;
        if (!LookupServed(before, served).IsSuccess(out var previous, out var failure))
            return IsPassing(failure.Kind) ? new(ComparisonKind.Unreadable, failure.Message) : null;

        return previous.Platform is not null && platforms.TrueForAll(platform => previous.For(platform).Count == 0)
            ? new(ComparisonKind.Changed, $"new digest; like the previous one, its config names {next.Platform}, which no node has")
            : null;
    }

    private Comparison Missing(Manifest next, ServedCheck served) => new(ComparisonKind.Missing, next.Platform is { } built
        ? $"{served.Image} is built for {built}, and no node has that platform: the nodes are {string.Join(", ", platforms)}"
        : $"{served.Image} has no manifest for {string.Join(", ", platforms)}");

    private static Comparison Unreadable(RegistryFailure failure) => new(ComparisonKind.Unreadable, $"the manifest of the new digest can't be read: {failure.Message}");

    private static bool IsPassing(RegistryFailureKind kind) => kind is
        RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut or RegistryFailureKind.RateLimited or RegistryFailureKind.ServerError;

    private static (string? Repository, Digest Digest)? Reported(PodSnapshot pod, string container) =>
        pod.Images.TryGetValue(container, out var imageId) ? RunningDigests.ReadImageId(imageId) : null;

    private IReadOnlyList<PodSnapshot> CurrentPods(WorkloadSnapshot workload)
    {
        if (!ReferenceEquals(workload, lastWorkload))
            (lastWorkload, lastPods) = (workload, ReadPods(workload));
        return lastPods;
    }

    // During a rollout the pods of the current revision can't be distinguished.
    private IReadOnlyList<PodSnapshot> ReadPods(WorkloadSnapshot workload)
    {
        if (RolloutStatusRules.Evaluate(workload).State != RolloutProgress.Done || workload.Status.OnDelete || workload.Status.Partition > 0)
            return [];
        return Pods(workload) is { Count: > 0 } pods ? RunningDigests.CurrentPods(workload, pods) : [];
    }

    private Manifest? Known(Digest digest) => input.Manifests.TryGetValue(digest, out var known) ? known.Value : null;

    private Result<Manifest, RegistryFailure> Lookup(Digest digest, ServedCheck served)
    {
        if (input.Manifests.TryGetValue(digest, out var known))
            return known;
        // If several repositories have the manifest, the choice must not depend on the order of the workloads.
        if (!neededManifests.TryGetValue(digest, out var asked) || served.Image.CompareTo(asked) < 0)
            neededManifests[digest] = served.Image;
        return NotReadYet(digest, served.Image);
    }

    // A mirror, or a cache that is not complete, may serve a tag whose manifest it does not have: each repository is asked itself.
    private Result<Manifest, RegistryFailure> LookupServed(Digest digest, ServedCheck served)
    {
        var wanted = new ObservedImage(served.Image.AtDigest(digest), served.Reader);
        if (input.Served.TryGetValue(wanted, out var known))
            return known;

        if (!neededServed.TryGetValue(wanted, out var asked) || served.Image.CompareTo(asked) < 0)
            neededServed[wanted] = served.Image;
        return NotReadYet(digest, served.Image);
    }

    private static RegistryFailure NotReadYet(Digest digest, ImageReference image) =>
        new(RegistryFailureKind.Unreachable, $"the manifest {digest.Abbreviated} of {image} has not been read yet");
}
