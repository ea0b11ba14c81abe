using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>Decides what to do with one container. The first matching row applies.</summary>
/// <remarks>
/// | the container                                                        | action  | reason          | baseline becomes   |
/// |----------------------------------------------------------------------|---------|-----------------|--------------------|
/// | has an invalid image reference                                       | skip    | InvalidImage    | as it is           |
/// | has an image with a digest                                           | no-op   | Pinned          | as it is           |
/// | has the imagePullPolicy Never                                        | no-op   | NeverPulled     | as it is           |
/// | was not checked                                                      | skip    | NotObserved     | as it is           |
/// | its registry failed                                                  | skip    | RegistryFailed  | as it is           |
/// | has no baseline at all, and FirstSeen=Restart (*)                    | restart | NoBaseline      | the digest served  |
/// | has no baseline, and its pods are still starting                     | no-op   | Waiting         | as it is           |
/// | has no baseline at all, and no pod reports what it runs              | no-op   | FirstSeen       | the digest served  |
/// | has a different image reference, and no pod reports what it runs     | no-op   | NewReference    | the digest served  |
/// | has the digest served as baseline, and pods that were not replaced   | no-op   | PodsNotReplaced | as it is           |
/// | has the digest served as baseline                                    | no-op   | UpToDate        | as it is           |
/// | all its current pods report the digest served                        | no-op   | RunningPods     | the digest served  |
/// | has a baseline with the same manifests for the nodes' platforms      | no-op   | SameManifests   | the digest served  |
/// | has a tag whose manifest its repository does not serve (*)           | skip    | RegistryFailed  | as it is           |
/// | is served nothing for the platforms of the nodes (*)                 | skip    | PlatformMissing | as it is           |
/// | was pinned by us, and is served what it was pinned away from         | hold    | PinnedToPrevious      | as it is           |
/// | has no stored baseline, and somebody undid its rollout of the digest | no-op   | Undone          | the digest served  |
/// | (otherwise)                                                          | restart | DigestChanged   | the digest served  |
///
/// "Baseline": the store's; without a row there the <c>last-digest</c> annotation's; without that what the pods run (<see cref="Adoption"/>).
/// For a new image reference only the pods are read, since the annotation is about the old one. What the pods run is used only if the registry has it:
/// CRI-O may report a digest that never existed. An image that was pinned since its baseline makes its digest the baseline, so that the
/// one from before the pin does not count once the pin is taken off.
///
/// (*) Before a restart, the manifest that it would pull is read, once per repository and digest. If the old or the new manifest can't be read now, the
/// container is skipped with RegistryFailed. Whether a restart may start now is decided later,
/// by <see cref="WorkloadHolds"/>. A container that we pinned (<see cref="TagPins"/>) is decided as if it still had its tag.
/// </remarks>
internal sealed class ContainerRules(WorkloadSnapshot workload, LastDigestMap lastDigest, PlanningInput input, ResolvedInputs resolved)
{
    private readonly TagPins pins = TagPins.Of(workload);
    private readonly Adoption adoption = new(input, resolved);

    public static ContainerDecision NotTracked(ContainerSpec container) => new(
        container.Name, IsInit: false, container.ImageText, container.Image.Value, ContainerAction.NoOp, DecisionReason.NotTracked, "not tracked");

    public ContainerDecision Decide(ContainerSpec container, bool isInit, bool isFirstTracked)
    {
        if (!container.Image.IsSuccess(out var image, out var problem))
            return Decision(container, isInit, ContainerAction.Skip, DecisionReason.InvalidImage, problem);
        var pin = image.Digest;
        if (pin is not null && !pins.IsOurs(container))
            return Pinned(container, image, isInit);
        if (container.IsNeverPulled)
            return Decision(container, isInit, ContainerAction.NoOp, DecisionReason.NeverPulled, "imagePullPolicy is Never: a restart pulls nothing", From(container));
        if (pin is not null)
            image = image.WithoutDigest();

        return input.Checks.For(image, workload.Key.Namespace) switch
        {
            ServedCheck served => Decide(container, image, pin, served, isInit, isFirstTracked),
            FailedCheck failed => Decision(container, isInit, ContainerAction.Skip, DecisionReason.RegistryFailed, failed.Failure.Message, From(container)),
            _ => Decision(container, isInit, ContainerAction.Skip, DecisionReason.NotObserved, "not checked yet", From(container)),
        };
    }

    /// <summary>The digest written to <c>last-digest</c> for a tracked container when the workload is restarted.</summary>
    public Digest? DigestAfterRestart(ContainerDecision decision, bool isFirstTracked) => decision.Reason switch
    {
        DecisionReason.Pinned or DecisionReason.InvalidImage => null,
        DecisionReason.PinPrevious => decision.From,
        _ when decision.Action == ContainerAction.Restart => decision.To,
        _ => decision.Adopt?.Digest ?? decision.From ?? lastDigest.For(decision.Container, isFirstTracked),
    };

    private ContainerDecision Decide(
        ContainerSpec container, ImageReference image, Digest? pin, ServedCheck served, bool isInit, bool isFirstTracked)
    {
        var id = new ContainerId(workload.Uid, container.Name);
        var stored = input.Baselines.GetValueOrDefault(id);
        var isNewReference = stored is not null && stored.Image != image;
        var baseline = isNewReference ? null : stored;
        if (baseline is null && !isNewReference && lastDigest.For(container.Name, isFirstTracked) is { } written)
            baseline = Adopted(written, BaselineOrigin.LastDigest);
        if (baseline is null && !isNewReference && input.Options.FirstSeen == FirstSeen.Restart)
            return resolved.ObstacleTo(served) is { } obstacle ? Skip(obstacle, from: null, adopt: null) : Restart(DecisionReason.NoBaseline, "no baseline, and FirstSeen is Restart", from: null, adopt: null);
        var differ = "";
        if (baseline is null)
        {
            var running = adoption.Of(workload, container.Name, served);
            if (running.Kind == AdoptionKind.Waiting)
                return Change(ContainerAction.NoOp, DecisionReason.Waiting, $"no baseline yet; waiting for {running.Explanation}", from: null, adopt: null);
            if (running.Kind == AdoptionKind.Unverified)
                return First(running.Explanation);
            baseline = Adopted(adoption.Choose(running.Digests, served), BaselineOrigin.RunningPods);
            differ = running.Explanation.Length == 0 ? "" : $"; {running.Explanation}";
        }

        var adopt = ReferenceEquals(baseline, stored) ? null : baseline;
        if (baseline.Digest == served.Digest && pin is not null)
        {
            var explanation = $"pinned to {pin.Abbreviated} after the rollout to {served.Digest.Abbreviated} failed; the next new digest restores the tag";
            return WorkloadHolds.Held(Change(ContainerAction.Hold, DecisionReason.PinnedToPrevious, "", baseline.Digest, adopt), [new(DecisionReason.PinnedToPrevious, explanation)]);
        }

        if (baseline.Digest == served.Digest && PodReplacement.Waiting(workload) is { } waiting)
            return Change(ContainerAction.NoOp, DecisionReason.PodsNotReplaced, waiting, baseline.Digest, adopt);

        if (baseline.Digest == served.Digest && baseline.Origin == BaselineOrigin.Undone && !(RestartTime.Read(workload.RestartedAt) > baseline.Since))
            return Change(ContainerAction.NoOp, DecisionReason.Undone, Undone(served.Digest), baseline.Digest, adopt: null);

        if (baseline.Digest == served.Digest)
        {
            return adopt is null
                ? Change(ContainerAction.NoOp, DecisionReason.UpToDate, "up to date", baseline.Digest, adopt: null)
                : Change(ContainerAction.NoOp, DecisionReason.UpToDate, $"up to date, according to {SourceOf(adopt.Origin)}", baseline.Digest, adopt);
        }

        if (pin is null && resolved.AllRun(workload, container.Name, served))
            return Same(DecisionReason.RunningPods, "all pods already run the new digest", BaselineOrigin.RunningPods, baseline.Digest);

        var isUnconfirmed = adopt is { Origin: BaselineOrigin.RunningPods };
        var comparison = resolved.Compare(baseline.Digest, served, mustExist: isUnconfirmed);
        return comparison.Kind switch
        {
            ComparisonKind.Same => Same(DecisionReason.SameManifests, comparison.Explanation, BaselineOrigin.SameManifests, baseline.Digest),
            // An unconfirmed digest must not be written to the store or to last-digest.
            ComparisonKind.Missing or ComparisonKind.Unreadable => isUnconfirmed ? Skip(comparison, from: null, adopt: null) : Skip(comparison, baseline.Digest, adopt),
            ComparisonKind.BeforeGone when isUnconfirmed => First($"its pods report {baseline.Digest.Abbreviated}, which the registry does not have"),
            _ when adopt is not null && pin is null && resolved.IsUndone(workload, container.Name, isFirstTracked, served) =>
                Same(DecisionReason.Undone, Undone(served.Digest), BaselineOrigin.Undone, baseline.Digest),
            _ => Restart(DecisionReason.DigestChanged, comparison.Explanation + differ, baseline.Digest, adopt),
        };

        ContainerDecision First(string why)
        {
            var (reason, how) = isNewReference ? (DecisionReason.NewReference, $"image changed from {stored!.Image}") : (DecisionReason.FirstSeen, "first seen");
            return Change(
                ContainerAction.NoOp, reason, $"{how}; current digest recorded as the baseline, unverified: {why}", from: null,
                Adopted(served.Digest, BaselineOrigin.FirstSeen) with { IsUnverified = true });
        }

        ContainerDecision Skip(Comparison obstacle, Digest? from, Baseline? adopt) => Change(
            ContainerAction.Skip, obstacle.Kind == ComparisonKind.Missing ? DecisionReason.PlatformMissing : DecisionReason.RegistryFailed, obstacle.Explanation, from, adopt);

        ContainerDecision Restart(DecisionReason reason, string explanation, Digest? from, Baseline? adopt) =>
            // What ran was the digest of the pin, and not the baseline, whose rollout failed.
            Change(ContainerAction.Restart, reason, explanation, pin ?? from, adopt) with { ImageAfter = pin is null ? null : TagPins.Unpinned(container.ImageText) };

        Baseline Adopted(Digest digest, BaselineOrigin origin) => new(id, image, digest, origin, input.Now);

        ContainerDecision Same(DecisionReason reason, string explanation, BaselineOrigin origin, Digest from) =>
            Change(ContainerAction.NoOp, reason, explanation, from, Adopted(served.Digest, origin));

        ContainerDecision Change(ContainerAction action, DecisionReason reason, string explanation, Digest? from, Baseline? adopt) =>
            new(container.Name, isInit, container.ImageText, image, action, reason, explanation, from, served.Digest, adopt);
    }

    // Removing the pin later is itself rolled out by Kubernetes, so the baseline from before the pin must not be used then.
    private ContainerDecision Pinned(ContainerSpec container, ImageReference image, bool isInit)
    {
        var id = new ContainerId(workload.Uid, container.Name);
        if (input.Baselines.GetValueOrDefault(id) is not { } stored || stored.Image == image)
            return Decision(container, isInit, ContainerAction.NoOp, DecisionReason.Pinned, "pinned to a digest");

        return Decision(container, isInit, ContainerAction.NoOp, DecisionReason.Pinned, $"pinned to a digest; image changed from {stored.Image}") with
        {
            Adopt = new Baseline(id, image, image.Digest!, BaselineOrigin.FirstSeen, input.Now),
        };
    }

    private static string Undone(Digest digest) =>
        $"the rollout of {digest.Abbreviated} was undone, for example with kubectl rollout undo; to roll it out again, run kubectl rollout restart";

    private static string SourceOf(BaselineOrigin origin) =>
        origin == BaselineOrigin.LastDigest ? "the last-digest annotation" : "its pods";

    private Digest? From(ContainerSpec container) => input.Baselines.GetValueOrDefault(new ContainerId(workload.Uid, container.Name))?.Digest;

    private static ContainerDecision Decision(
        ContainerSpec container, bool isInit, ContainerAction action, DecisionReason reason, string explanation, Digest? from = null) =>
        new(container.Name, isInit, container.ImageText, container.Image.Value, action, reason, explanation, from);
}
