using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Upkeep;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Host.Observing;

/// <param name="Checks">The last check of each image that has been checked.</param>
/// <param name="ServedSince">When the current digest of the tag was first observed.</param>
/// <param name="Outlook">The last and next check of every image, ordered by name.</param>
internal sealed record ImageObservations(
    IReadOnlyDictionary<ObservedImage, ImageCheck> Checks,
    IReadOnlyDictionary<ObservedImage, DateTimeOffset> ServedSince,
    IReadOnlyList<ImageOutlook> Outlook,
    IReadOnlyList<string> Warnings);

/// <summary>
/// Queries the registries once per distinct image that is due and distinct credentials for it, however many workloads share them, and stores changes.
/// </summary>
internal sealed class ImageObserver(
    RegistryObserver observer, RegistryClient registries, CheckIntervals intervals, PullCredentials credentials, LateRegistries late, IObservingState store, StateUpkeep upkeep, TimeProvider time)
{
    // By namespace; null in the first cycle.
    private HashSet<ObservedImage>? usedBefore;

    /// <param name="selections">Images to check although they are not due. A registry that is backing off is not asked for them either.</param>
    public async Task<ImageObservations> ObserveAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, Refresh refresh, IReadOnlyList<CheckSelection> selections, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var used = UsedImages(workloads);
        var images = used.Select(use => use.Image).ToHashSet();
        var known = await store.LoadImagesAsync(cancellationToken);
        var warnings = new SortedSet<string>(StringComparer.Ordinal);
        late.NewCycle();
        var checks = new Dictionary<ObservedImage, ImageCheck>();
        if (refresh != Refresh.None)
        {
            registries.Keep(images.Select(image => image.Registry).ToHashSet(StringComparer.OrdinalIgnoreCase));
            BackOffUntil(known.Values.Where(state => images.Contains(state.Image)));
            var next = refresh == Refresh.Due ? Corrections(used, known, PacesOf(images)) : [];
            HashSet<ObservedImage> first = refresh switch
            {
                Refresh.All => used,
                Refresh.Asked => Selected(workloads, selections),
                _ => Due(used, known, next).Union(Selected(workloads, selections)).ToHashSet(),
            };
            // While the results can't be stored, they would stay due, and be asked for again with each tick.
            if (first.Count > 0)
                await upkeep.RequireWritableAsync(cancellationToken);
            var requested = new HashSet<ObservedImage>();
            for (var asked = first; asked.Count > 0; asked = Companions(workloads, checks, known, requested))
            {
                requested.UnionWith(asked);
                foreach (var check in await CheckAsync(workloads, asked, known, warnings, progress, cancellationToken))
                {
                    // One that was late may be of an image that nobody uses any more.
                    if (check.Reader.IsShared ? images.Contains(check.Image) : used.Contains(check.Observed))
                        checks[check.Observed] = check;
                }

                if (refresh == Refresh.All)
                    break;
            }

            usedBefore = used;
            late.Observed();
            warnings.UnionWith(late.Warnings());
            warnings.UnionWith(checks.Values.OfType<ServedCheck>().Select(check => check.Note).OfType<string>());
            Schedule(checks, known, PacesOf(images), next);
            known = await RecordAsync(checks.Values, next, known, cancellationToken);
        }

        var current = used.Select(use => InUse(use, known)).ToHashSet();
        var results = new Dictionary<ObservedImage, ImageCheck>();
        foreach (var read in current)
        {
            if ((checks.GetValueOrDefault(read) ?? known.GetValueOrDefault(read)?.ToCheck()) is { } check)
                results.Add(read, check);
        }

        var since = known.Values.Where(state => state.LastChanged is not null && current.Contains(state.Observed));
        return new ImageObservations(results, since.ToDictionary(state => state.Observed, state => state.LastChanged!.Value), Outlook(current, known), [.. warnings]);
    }

    /// <summary>The tracked images, each with the namespaces of the workloads that run it as readers.</summary>
    public static HashSet<ObservedImage> UsedImages(IEnumerable<WorkloadSnapshot> workloads)
    {
        var used = new HashSet<ObservedImage>();
        foreach (var workload in workloads)
            used.UnionWith(UsedImages(workload));
        return used;
    }

    private static HashSet<ObservedImage> Selected(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlyList<CheckSelection> selections) => selections
        .SelectMany(selection => workloads.Where(workload => selection.Covers(workload.Key)).SelectMany(UsedImages).Where(use => selection.Covers(use.Image)))
        .ToHashSet();

    private static IEnumerable<ObservedImage> UsedImages(WorkloadSnapshot workload) =>
        TrackedImages(workload).Select(image => new ObservedImage(image, new Reader(workload.Key.Namespace)));

    // What the namespace has read with its own credentials, else what all share.
    private static ObservedImage InUse(ObservedImage use, IReadOnlyDictionary<ObservedImage, ImageState> known) => known.ContainsKey(use) ? use : use.Image;

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

    private async Task<IReadOnlyCollection<ImageCheck>> CheckAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ObservedImage> asked, IReadOnlyDictionary<ObservedImage, ImageState> known, SortedSet<string> warnings,
        IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var candidates = await credentials.ForAsync(workloads, asked, cancellationToken);
        warnings.UnionWith(candidates.Warnings);
        var answers = await CheckAllAsync(candidates, progress, cancellationToken);

        // Pull secrets are cached for minutes, so that a refused credential may have been replaced since.
        var refused = answers.Where(answer => answer.Value.Answer is FailedCheck failed && PullCredentials.MayBeOld(failed.Failure)).Select(answer => answer.Key).ToHashSet();
        if (refused.Count > 0)
        {
            var renewed = await credentials.RenewAsync(workloads, candidates, refused, cancellationToken);
            warnings.UnionWith(renewed.Warnings);
            foreach (var (use, answer) in await CheckAllAsync(renewed, progress: null, cancellationToken))
                answers[use] = answer;
            candidates = candidates with { Lacking = candidates.Lacking.Concat(renewed.Lacking).GroupBy(entry => entry.Key).ToDictionary(entries => entries.Key, entries => entries.Last().Value) };
        }

        var checks = new Dictionary<ObservedImage, ImageCheck>();
        foreach (var (use, answer) in answers)
        {
            var check = Attributed(use, answer, candidates, known);
            if (check is ServedCheck || checks.GetValueOrDefault(check.Observed) is not ServedCheck)
                checks[check.Observed] = check;
        }

        // An answer for all is the one that counts.
        return [.. checks.Values.Where(check => check.Reader.IsShared || checks.GetValueOrDefault(check.Image) is not ServedCheck)];
    }

    // A failure that may be due to the namespace's secrets, or names them, is the namespace's.
    private static ImageCheck Attributed(ObservedImage use, GroupAnswer<ImageCheck> answer, CredentialSet candidates, IReadOnlyDictionary<ObservedImage, ImageState> known)
    {
        if (answer.Answer is not FailedCheck failed)
            return answer.Answer.Reader.IsShared ? answer.Answer : answer.Answer with { Reader = use.Reader };

        var failure = candidates.Explain(use, failed.Failure);
        var isOfRegistry = failure.Kind is RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut or RegistryFailureKind.RateLimited;
        var own = answer.Group.Candidates.Where(candidate => candidate.Owner is not null).ToList();
        var isOwn = known.ContainsKey(use) || failure.Message != failed.Failure.Message
            || (own.Count > 0 && (!isOfRegistry || own.Exists(candidate => failure.Message.Contains(candidate.Origin, StringComparison.Ordinal))));
        return failed with { Failure = failure, Reader = isOwn ? use.Reader : Reader.Shared };
    }

    // By the namespaces that asked.
    private async Task<Dictionary<ObservedImage, GroupAnswer<ImageCheck>>> CheckAllAsync(CredentialSet with, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var asked = with.ByImage.GroupBy(entry => entry.Key.Image).Select(image => new ImageToAsk(image.Key, CandidateGroup.Of(image.Select(entry => (entry.Key.Reader, entry.Value)))));
        var checks = await observer.CheckAllAsync(asked, progress, cancellationToken);
        late.Add(checks.Late);
        return checks.Results
            .SelectMany(image => image.Value, (image, answer) => (image.Key.Image, Answer: answer))
            .SelectMany(answer => answer.Answer.Group.Readers, (answer, reader) => (Use: new ObservedImage(answer.Image, reader), answer.Answer))
            .ToDictionary(answer => answer.Use, answer => answer.Answer);
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

    private Dictionary<ObservedImage, DateTimeOffset> Corrections(
        IReadOnlySet<ObservedImage> used, IReadOnlyDictionary<ObservedImage, ImageState> known, Dictionary<string, CheckPace> paces)
    {
        var now = time.GetUtcNow();
        var corrections = new Dictionary<ObservedImage, DateTimeOffset>();
        foreach (var read in used.Select(use => InUse(use, known)).ToHashSet())
        {
            if (known.GetValueOrDefault(read) is { } state && CheckSchedule.Correction(state, paces[read.Image.Registry], now, Random.Shared.NextDouble()) is { } at)
                corrections.Add(read, at);
        }

        return corrections;
    }

    // With an image that is due for one namespace, the others that can read it: so those with the same credentials stay due together.
    private HashSet<ObservedImage> Due(
        IReadOnlySet<ObservedImage> used, IReadOnlyDictionary<ObservedImage, ImageState> known, Dictionary<ObservedImage, DateTimeOffset> corrected)
    {
        var until = time.GetUtcNow() + intervals.Slack;
        var due = used.Where(IsDue).ToHashSet();
        var images = due.Select(use => use.Image).ToHashSet();
        due.UnionWith(used.Where(use => images.Contains(use.Image) && known.GetValueOrDefault(InUse(use, known)) is { Failure: null }));
        return due;

        bool IsDue(ObservedImage use)
        {
            var read = InUse(use, known);
            return !(corrected.TryGetValue(read, out var at) ? at > until : known.GetValueOrDefault(read)?.NextCheck > until) || IsNew(use, read);
        }

        // Not what others were refused, nor what an earlier namespace of this name has read.
        bool IsNew(ObservedImage use, ObservedImage read) =>
            usedBefore?.Contains(use) == false && (!read.Reader.IsShared || known.GetValueOrDefault(read) is { Failure.MayDependOnCredential: true });
    }

    // A push often updates several tags at once. Checking each at its own time would restart the workload once per image.
    private HashSet<ObservedImage> Companions(
        IReadOnlyList<WorkloadSnapshot> workloads, Dictionary<ObservedImage, ImageCheck> checks, IReadOnlyDictionary<ObservedImage, ImageState> known,
        HashSet<ObservedImage> requested)
    {
        var changed = checks.Values.OfType<ServedCheck>().Where(check => check.Digest != known.GetValueOrDefault(check.Observed)?.Digest)
            .Select(check => check.Observed).ToHashSet();
        if (changed.Count == 0)
            return [];

        return workloads.Select(workload => UsedImages(workload).ToHashSet())
            .Where(uses => uses.Any(use => changed.Contains(use) || changed.Contains(use.Image))).SelectMany(uses => uses)
            .Where(use => !checks.ContainsKey(use) && !checks.ContainsKey(use.Image) && !requested.Contains(use) && registries.StatusOf(use.Image.Registry)?.BackingOffUntil is null).ToHashSet();
    }

    // What was read of an image at the same time is read at the same time again.
    private static void Schedule(
        Dictionary<ObservedImage, ImageCheck> checks, IReadOnlyDictionary<ObservedImage, ImageState> known, Dictionary<string, CheckPace> paces, Dictionary<ObservedImage, DateTimeOffset> next)
    {
        foreach (var image in checks.GroupBy(check => (check.Key.Image, IsServed: check.Value is ServedCheck)))
        {
            var fraction = Random.Shared.NextDouble();
            var times = image.ToDictionary(
                check => check.Key, check => CheckSchedule.Next(known.GetValueOrDefault(check.Key), check.Value, paces[check.Key.Image.Registry], fraction));
            foreach (var (read, at) in times)
                next[read] = image.Key.IsServed ? times.Values.Max() : at;
        }
    }

    private async Task<IReadOnlyDictionary<ObservedImage, ImageState>> RecordAsync(
        IReadOnlyCollection<ImageCheck> checks, Dictionary<ObservedImage, DateTimeOffset> next, IReadOnlyDictionary<ObservedImage, ImageState> known, CancellationToken cancellationToken)
    {
        var recorded = await store.RecordChecksAsync(checks, next, cancellationToken);

        // Of a manifest that is not an index, decisions need the media type only: it is never fetched.
        var single = recorded.Observations.Where(observation => !Manifest.IsIndex(observation.MediaType)).DistinctBy(observation => observation.Digest);
        await store.SaveManifestsAsync([.. single.Select(observation => new Manifest(observation.Digest, observation.MediaType, Config: null, Children: null))], cancellationToken);
        if (recorded.Images.Count == 0)
            return known;

        var now = new Dictionary<ObservedImage, ImageState>(known);
        foreach (var superseded in recorded.Superseded)
            now.Remove(superseded);
        foreach (var (image, state) in recorded.Images)
            now[image] = state;
        return now;
    }

    private static List<ImageOutlook> Outlook(IReadOnlySet<ObservedImage> current, IReadOnlyDictionary<ObservedImage, ImageState> known) =>
    [
        .. current.Order().Select(read => known.GetValueOrDefault(read) is { } state
            ? new ImageOutlook(read.Image, state.LastChecked, state.NextCheck, state.Failure?.Message) { Reader = read.Reader }
            : new ImageOutlook(read.Image, LastChecked: null, NextCheck: null, Failure: null)),
    ];
}
