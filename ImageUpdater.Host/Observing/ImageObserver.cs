using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Upkeep;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Host.Observing;

/// <param name="Checks">The last check of each image that has been checked.</param>
/// <param name="ServedSince">When the current digest of the tag was first observed.</param>
/// <param name="Outlook">The last and next check of every image, ordered by name.</param>
internal sealed record ImageObservations(
    IReadOnlyDictionary<ImageReference, ImageCheck> Checks,
    IReadOnlyDictionary<ImageReference, DateTimeOffset> ServedSince,
    IReadOnlyList<ImageOutlook> Outlook,
    IReadOnlyList<string> Warnings);

/// <summary>Queries the registries once per distinct image that is due, however many workloads share it, and stores changes.</summary>
internal sealed class ImageObserver(
    RegistryObserver observer, RegistryClient registries, CheckIntervals intervals, PullCredentials credentials, LateRegistries late, IObservingState store, StateUpkeep upkeep, TimeProvider time)
{
    /// <param name="selections">Images to check although they are not due. A registry that is backing off is not asked for them either.</param>
    public async Task<ImageObservations> ObserveAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, Refresh refresh, IReadOnlyList<CheckSelection> selections, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var images = TrackedImages(workloads);
        var known = await store.LoadImagesAsync(cancellationToken);
        var warnings = new SortedSet<string>(StringComparer.Ordinal);
        late.NewCycle();
        var checks = new Dictionary<ImageReference, ImageCheck>();
        if (refresh != Refresh.None)
        {
            registries.Keep(images.Select(image => image.Registry).ToHashSet(StringComparer.OrdinalIgnoreCase));
            BackOffUntil(known.Values.Where(state => images.Contains(state.Image)));
            var next = refresh == Refresh.Due ? Corrections(images, known) : [];
            IReadOnlySet<ImageReference> first = refresh switch
            {
                Refresh.All => images,
                Refresh.Asked => Selected(workloads, selections),
                _ => Due(images, known, next).Union(Selected(workloads, selections)).ToHashSet(),
            };
            // While the results can't be stored, they would stay due, and be asked for again with each tick.
            if (first.Count > 0)
                await upkeep.RequireWritableAsync(cancellationToken);
            var requested = new HashSet<ImageReference>();
            for (var asked = first; asked.Count > 0; asked = Companions(workloads, checks, known, requested))
            {
                requested.UnionWith(asked);
                foreach (var (image, check) in await CheckAsync(workloads, asked, warnings, progress, cancellationToken))
                {
                    // One that was late may be of an image that nobody uses any more.
                    if (images.Contains(image))
                        checks[image] = check;
                }

                if (refresh == Refresh.All)
                    break;
            }

            warnings.UnionWith(late.Warnings());
            warnings.UnionWith(checks.Values.OfType<ServedCheck>().Select(check => check.Note).OfType<string>());

            var paces = PacesOf(images);
            foreach (var (image, check) in checks)
                next[image] = CheckSchedule.Next(known.GetValueOrDefault(image), check, paces[image.Registry], Random.Shared.NextDouble());
            known = await RecordAsync(checks.Values, next, known, cancellationToken);
        }

        foreach (var image in images)
        {
            if (!checks.ContainsKey(image) && known.GetValueOrDefault(image)?.ToCheck() is { } stored)
                checks.Add(image, stored);
        }

        var since = known.Values.Where(state => state.LastChanged is not null && images.Contains(state.Image));
        return new ImageObservations(checks, since.ToDictionary(state => state.Image, state => state.LastChanged!.Value), Outlook(images, known), [.. warnings]);
    }

    public static IReadOnlySet<ImageReference> TrackedImages(IEnumerable<WorkloadSnapshot> workloads)
    {
        var images = new HashSet<ImageReference>();
        foreach (var workload in workloads)
            images.UnionWith(TrackedImages(workload));
        return images;
    }

    private static HashSet<ImageReference> Selected(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlyList<CheckSelection> selections) =>
        selections.SelectMany(selection => workloads.Where(workload => selection.Covers(workload.Key)).SelectMany(TrackedImages).Where(selection.Covers)).ToHashSet();

    public static IEnumerable<ImageReference> TrackedImages(WorkloadSnapshot workload)
    {
        var selection = ContainerSelection.Of(workload);
        var pins = TagPins.Of(workload);
        foreach (var container in selection.Tracked.Concat(selection.TrackedInit))
        {
            if (pins.Watched(container) is { } image)
                yield return image;
        }
    }

    private async Task<Dictionary<ImageReference, ImageCheck>> CheckAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ImageReference> asked, SortedSet<string> warnings, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var candidates = await credentials.ForAsync(workloads, asked, cancellationToken);
        warnings.UnionWith(candidates.Warnings);
        var checks = new Dictionary<ImageReference, ImageCheck>(await CheckAllAsync(candidates, progress, cancellationToken));

        // Pull secrets are cached for minutes, so that a refused credential may have been replaced since.
        var refused = checks.Values.OfType<FailedCheck>().Where(check => PullCredentials.MayBeOld(check.Failure)).Select(check => check.Image).ToHashSet();
        if (refused.Count == 0)
            return Explained(candidates);
        var renewed = await credentials.RenewAsync(workloads, candidates, refused, cancellationToken);
        warnings.UnionWith(renewed.Warnings);
        foreach (var (image, check) in await CheckAllAsync(renewed, progress: null, cancellationToken))
            checks[image] = check;
        return Explained(renewed);

        Dictionary<ImageReference, ImageCheck> Explained(CredentialSet credentials) => checks.ToDictionary(
            check => check.Key,
            check => check.Value is FailedCheck failed ? failed with { Failure = credentials.Explain(check.Key, failed.Failure) } : check.Value);
    }

    private async Task<IReadOnlyDictionary<ImageReference, ImageCheck>> CheckAllAsync(CredentialSet with, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var checks = await observer.CheckAllAsync(with.ByImage, progress, cancellationToken);
        late.Add(checks.Late);
        return checks.Results;
    }

    // Resumes a backoff that this process or an earlier one got from the registry. It applies to all images of the registry.
    private void BackOffUntil(IEnumerable<ImageState> known)
    {
        var now = time.GetUtcNow();
        foreach (var state in known)
        {
            // Ignores a time beyond the longest backoff: the clock was set back since.
            if (state.Failure?.RetryAt is { } until && until > now && until <= now + RetryAfter.Longest)
                registries.BackOffUntil(state.Image.Registry, until);
        }
    }

    private Dictionary<string, CheckPace> PacesOf(IReadOnlySet<ImageReference> images)
    {
        var now = time.GetUtcNow();
        return images.CountBy(image => image.Registry, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(registry => registry.Key, registry => intervals.PaceOf(registry.Key, registry.Value, now), StringComparer.OrdinalIgnoreCase);
    }

    private Dictionary<ImageReference, DateTimeOffset> Corrections(IReadOnlySet<ImageReference> images, IReadOnlyDictionary<ImageReference, ImageState> known)
    {
        var (paces, now) = (PacesOf(images), time.GetUtcNow());
        var corrections = new Dictionary<ImageReference, DateTimeOffset>();
        foreach (var image in images)
        {
            if (known.GetValueOrDefault(image) is { } state && CheckSchedule.Correction(state, paces[image.Registry], now, Random.Shared.NextDouble()) is { } at)
                corrections.Add(image, at);
        }

        return corrections;
    }

    private HashSet<ImageReference> Due(
        IReadOnlySet<ImageReference> images, IReadOnlyDictionary<ImageReference, ImageState> known, Dictionary<ImageReference, DateTimeOffset> corrected)
    {
        var until = time.GetUtcNow() + intervals.Slack;
        return images.Where(image => !(corrected.TryGetValue(image, out var at) ? at > until : known.GetValueOrDefault(image)?.NextCheck > until)).ToHashSet();
    }

    // A push often updates several tags at once. Checking each at its own time would restart the workload once per image.
    private HashSet<ImageReference> Companions(
        IReadOnlyList<WorkloadSnapshot> workloads, Dictionary<ImageReference, ImageCheck> checks, IReadOnlyDictionary<ImageReference, ImageState> known,
        HashSet<ImageReference> requested)
    {
        var changed = checks.Values.OfType<ServedCheck>().Where(check => check.Digest != known.GetValueOrDefault(check.Image)?.Digest)
            .Select(check => check.Image).ToHashSet();
        if (changed.Count == 0)
            return [];

        return workloads.Select(workload => TrackedImages(workload).ToHashSet()).Where(images => images.Overlaps(changed)).SelectMany(images => images)
            .Where(image => !checks.ContainsKey(image) && !requested.Contains(image) && registries.StatusOf(image.Registry)?.BackingOffUntil is null).ToHashSet();
    }

    private async Task<IReadOnlyDictionary<ImageReference, ImageState>> RecordAsync(
        IReadOnlyCollection<ImageCheck> checks, Dictionary<ImageReference, DateTimeOffset> next, IReadOnlyDictionary<ImageReference, ImageState> known, CancellationToken cancellationToken)
    {
        var recorded = await store.RecordChecksAsync(checks, next, cancellationToken);

        // Of a manifest that is not an index, decisions need the media type only: it is never fetched.
        var single = recorded.Observations.Where(observation => !Manifest.IsIndex(observation.MediaType));
        await store.SaveManifestsAsync([.. single.Select(observation => new Manifest(observation.Digest, observation.MediaType, Config: null, Children: null))], cancellationToken);
        if (recorded.Images.Count == 0)
            return known;

        var now = new Dictionary<ImageReference, ImageState>(known);
        foreach (var (image, state) in recorded.Images)
            now[image] = state;
        return now;
    }

    private static List<ImageOutlook> Outlook(IReadOnlySet<ImageReference> images, IReadOnlyDictionary<ImageReference, ImageState> known) =>
    [
        .. images.Order().Select(image => known.GetValueOrDefault(image) is { } state
            ? new ImageOutlook(image, state.LastChecked, state.NextCheck, state.Failure?.Message)
            : new ImageOutlook(image, LastChecked: null, NextCheck: null, Failure: null)),
    ];
}
