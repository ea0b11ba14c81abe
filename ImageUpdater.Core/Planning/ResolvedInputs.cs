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

    // Many containers share an image, and most of them have the same baseline.
    private readonly Dictionary<(Digest Before, ImageReference Image, bool MustExist), Comparison> comparisons = [];

    private readonly List<Platform> platforms = [.. input.NodePlatforms.Distinct().Order()];

    private WorkloadSnapshot? lastWorkload;
    private IReadOnlyList<PodSnapshot> lastPods = [];

    public MissingInputs Needs => new(neededPods, neededManifests) { RevisionsOfWorkloads = neededRevisions };

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
        reported == served.Digest || ManifestMatch.Stands(reported, served.Digest, Lookup(served.Digest, served).Value, Known);

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

        var manifest = Lookup(served.Digest, served).Value;
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

    /// <summary>Whether the two digests differ for the platforms of the nodes.</summary>
    /// <param name="mustExist">The previous digest is not confirmed: it is used only if the registry has it.</param>
    public Comparison Compare(Digest before, ServedCheck served, bool mustExist)
    {
        var key = (before, served.Image, mustExist);
        if (!comparisons.TryGetValue(key, out var comparison))
            comparisons.Add(key, comparison = CompareManifests(before, served, mustExist));
        return comparison;
    }

    private Comparison CompareManifests(Digest before, ServedCheck served, bool mustExist)
    {
        var image = served.Image;
        if (platforms.Count == 0 && !mustExist)
            return Another(ComparisonKind.Changed);

        // Both are looked up before either is evaluated, so that one more read brings all missing manifests.
        var after = Lookup(served.Digest, served);
        var earlier = Lookup(before, served);
        if (!after.IsSuccess(out var next, out var failure))
            return new(ComparisonKind.Unreadable, failure.Message);

        if (platforms.Count == 0)
            return earlier.IsSuccess(out _, out failure) ? Another(ComparisonKind.Changed) : Without(failure);

        var available = platforms.FindAll(platform => next.For(platform).Count > 0);
        if (available.Count == 0)
            return new(ComparisonKind.Missing, $"{image} no longer has a manifest for {string.Join(", ", platforms)}");

        if (!earlier.IsSuccess(out var previous, out failure))
            return Without(failure);

        var changed = available.FindAll(platform => !previous.For(platform).SequenceEqual(next.For(platform)));
        var missing = platforms.FindAll(platform => !available.Contains(platform) && previous.For(platform).Count > 0);
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
        if (Single(digest, served) is { } single)
            return single;

        // If several repositories have the manifest, the choice must not depend on the order of the workloads.
        if (!neededManifests.TryGetValue(digest, out var asked) || served.Image.CompareTo(asked) < 0)
            neededManifests[digest] = served.Image;
        return new RegistryFailure(RegistryFailureKind.Unreachable, $"the manifest {digest.Abbreviated} of {served.Image} has not been read yet");
    }

    // For a single-platform manifest the media type of the check is sufficient.
    private static Manifest? Single(Digest digest, ServedCheck served) =>
        digest == served.Digest && !Manifest.IsIndex(served.MediaType) ? new Manifest(digest, served.MediaType, Config: null, Children: null) : null;
}
