using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using Answer = ImageUpdater.Core.Result<ImageUpdater.Core.Images.Manifest, ImageUpdater.Core.Observing.RegistryFailure>;
using Lanes = ImageUpdater.Registry.RegistryLanes<ImageUpdater.Registry.ImageToAsk, System.Collections.Generic.IReadOnlyList<ImageUpdater.Registry.Credentials.GroupAnswer<ImageUpdater.Core.Result<ImageUpdater.Core.Images.Manifest, ImageUpdater.Core.Observing.RegistryFailure>>>>;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// Reads manifests by digest, from the store, which keeps each one that was read, or else from the registry. Docker Hub counts a manifest GET
/// as a pull, so that only manifests needed for a decision are fetched, once.
/// </summary>
internal sealed class ManifestReader(
    RegistryClient registries, PullCredentials credentials, CheckIntervals intervals, LateRegistries late, RegistryPatience patience, IObservingState store, TimeProvider time,
    ILogger<ManifestReader> logger) : IDisposable
{
    private readonly Lanes byDigest = new(patience, Unexpected, registries.Turns, time, logger);
    private readonly Lanes served = new(patience, Unexpected, registries.Turns, time, logger);

    /// <summary>Content by digest, wherever it was read.</summary>
    /// <param name="mayAsk">Whether registries may be queried for manifests that are not in the store.</param>
    public async Task<IReadOnlyDictionary<Digest, Answer>> ReadAsync(
        IReadOnlyDictionary<Digest, ImageReference> wanted, IReadOnlyList<WorkloadSnapshot> workloads, bool mayAsk, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<Digest, Answer>();
        if (wanted.Count == 0)
            return answers;

        foreach (var (digest, manifest) in await store.LoadManifestsAsync([.. wanted.Keys], cancellationToken))
            answers[digest] = manifest;

        var missing = wanted.Where(entry => !answers.ContainsKey(entry.Key)).Select(entry => (At: (ObservedImage)entry.Value.AtDigest(entry.Key), Image: entry.Value)).ToList();
        var asked = mayAsk ? await AskAsync(byDigest, missing, workloads, registries.GetManifestAsync, cancellationToken) : NotAsked(missing);
        await store.SaveManifestsAsync([.. asked.Values.Select(answer => answer.Value).OfType<Manifest>()], cancellationToken);
        foreach (var (at, answer) in asked)
            answers[at.Image.Digest!] = answer;
        return answers;
    }

    /// <summary>
    /// What repositories serve at a digest, and a single manifest's platform. One that was read is not requested again; a failure is not before its
    /// backoff has ended, unless everything is refreshed.
    /// </summary>
    /// <param name="wanted">
    /// The repository at the digest, for whom it served the digest, and the image. Content that one has read answers for all to whom the digest was served; a failure
    /// is the reader's.
    /// </param>
    public async Task<IReadOnlyDictionary<ObservedImage, Answer>> ReadServedAsync(
        IReadOnlyDictionary<ObservedImage, ImageReference> wanted, IReadOnlyList<WorkloadSnapshot> workloads, Refresh refresh, CancellationToken cancellationToken)
    {
        if (wanted.Count == 0)
            return new Dictionary<ObservedImage, Answer>();

        var reads = await store.LoadReadsAsync([.. wanted.Keys.Select(at => at.Image).Distinct()], cancellationToken);
        var wasRead = reads.Values.Where(read => read.Failure is null).Select(read => read.Image).ToHashSet();
        var stored = await store.LoadManifestsAsync([.. wanted.Keys.Select(at => at.Image.Digest!).Distinct()], cancellationToken);
        var answers = new Dictionary<ObservedImage, Answer>();
        var missing = new List<(ObservedImage At, ImageReference Image)>();
        foreach (var (at, image) in wanted)
        {
            if (Known(at) is { } answer)
                answers[at] = answer;
            else
                missing.Add((at, image));
        }

        var asked = refresh == Refresh.None ? NotAsked(missing) : await AskAsync(served, missing, workloads, GetServedAsync, cancellationToken);
        foreach (var (at, answer) in asked)
            answers[at] = answer;
        // While backing off from a registry nothing was requested.
        var recorded = asked.Where(answer => answer.Value.Failure is not { WasAsked: false }).Select(answer => Read(answer.Key, reads.GetValueOrDefault(answer.Key), answer.Value.Failure));
        await store.RecordReadsAsync([.. recorded], [.. asked.Values.Select(answer => answer.Value).OfType<Manifest>().DistinctBy(manifest => manifest.Digest)], cancellationToken);
        return answers;

        Answer? Known(ObservedImage at)
        {
            if (wasRead.Contains(at.Image) && stored.GetValueOrDefault(at.Image.Digest!) is { IsRead: true } manifest)
                return manifest;
            if (reads.GetValueOrDefault(at) is not { } read)
                return null;
            if (read.Failure is null || (refresh != Refresh.None && (refresh == Refresh.All || read.IsDue(time.GetUtcNow(), intervals.Of(at.Image.Registry)))))
                return null;
            return read.Failure;
        }

        async Task<Answer> GetServedAsync(
            ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
        {
            var got = await registries.GetManifestAsync(image, digest, candidates, cancellationToken);
            if (!got.IsSuccess(out var manifest, out _))
                return got;
            return stored.GetValueOrDefault(digest) is { Platform: { } platform }
                ? manifest with { Platform = platform }
                : await registries.WithPlatformAsync(image, manifest, candidates, cancellationToken);
        }
    }

    private ManifestRead Read(ObservedImage at, ManifestRead? before, RegistryFailure? failure) => failure is null
        ? new ManifestRead(at.Image, time.GetUtcNow()) { Reader = at.Reader }
        : ManifestRead.Failed(at, before, failure, time.GetUtcNow(), intervals.Of(at.Image.Registry), Random.Shared.NextDouble());

    public void Dispose()
    {
        byDigest.Dispose();
        served.Dispose();
    }

    private async Task<Dictionary<ObservedImage, Answer>> AskAsync(
        Lanes lanes, List<(ObservedImage At, ImageReference Image)> missing, IReadOnlyList<WorkloadSnapshot> workloads, Get get, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<ObservedImage, Answer>();
        if (missing.Count == 0)
            return answers;

        var candidates = await credentials.ForAsync(workloads, Uses(missing), cancellationToken);
        await EachAsync(missing, candidates);
        var refused = missing.Where(entry => answers.TryGetValue(entry.At, out var answer) && PullCredentials.MayBeOld(answer.Failure)).ToList();
        if (refused.Count > 0)
        {
            var renewed = await credentials.RenewAsync(workloads, candidates, Uses(refused), cancellationToken);
            await EachAsync([.. refused.Where(entry => renewed.ByImage.ContainsKey(new ObservedImage(entry.Image, entry.At.Reader)))], renewed);
        }

        foreach (var (at, image) in missing.Where(entry => !answers.ContainsKey(entry.At)))
            answers[at] = NotYet(at.Image.Digest!, image);
        return answers;

        static HashSet<ObservedImage> Uses(IEnumerable<(ObservedImage At, ImageReference Image)> entries) =>
            entries.Select(entry => new ObservedImage(entry.Image, entry.At.Reader)).ToHashSet();

        async Task EachAsync(IReadOnlyList<(ObservedImage At, ImageReference Image)> asked, CredentialSet with)
        {
            var images = asked.DistinctBy(entry => entry.At.Image).ToDictionary(entry => entry.At.Image, entry => entry.Image);
            var contents = asked.GroupBy(entry => entry.At.Image)
                .Select(content => new ImageToAsk(content.Key, CandidateGroup.Of(content.Select(entry => (entry.At.Reader, with.For(new ObservedImage(entry.Image, entry.At.Reader)))))));
            var done = await lanes.RunAsync(contents.GroupBy(content => content.Image.Registry, StringComparer.OrdinalIgnoreCase), ReadRegistryAsync, cancellationToken);
            late.Add(done.Late);
            foreach (var (content, groups) in done.Results)
            {
                foreach (var (group, answer) in groups)
                {
                    foreach (var reader in group.Readers)
                        answers[new ObservedImage(content.Image, reader)] = answer;
                }
            }

            Task ReadRegistryAsync(
                string registry, IReadOnlyList<ImageToAsk> items, Action<ImageToAsk, IReadOnlyList<GroupAnswer<Answer>>> report, Func<bool> isOver, CancellationToken cancellationToken) => Parallel.ForEachAsync(
                items,
                new ParallelOptions { MaxDegreeOfParallelism = registries.OptionsOf(registry).MaxConcurrency, CancellationToken = cancellationToken },
                async (content, cancellationToken) =>
                {
                    if (!isOver())
                        report(content, await AskAsync(content, cancellationToken));
                });

            Task<IReadOnlyList<GroupAnswer<Answer>>> AskAsync(ImageToAsk content, CancellationToken cancellationToken) => CandidateGroup.AskAsync(
                content.Groups,
                candidates => get(images[content.Image], content.Image.Digest!, candidates, cancellationToken),
                isForAll: _ => true,
                answer => answer.Failure,
                cancellationToken);
        }
    }

    private static IReadOnlyList<GroupAnswer<Answer>> Unexpected(ImageToAsk content, Exception exception) =>
        CandidateGroup.ForAll<Answer>(content.Groups, Failures.Unexpected(content.Image, exception));

    private static RegistryFailure NotYet(Digest digest, ImageReference image) => new(
        RegistryFailureKind.TimedOut, $"{image.Registry} has not answered in time for the manifest {digest.Abbreviated} of {image}; a later cycle uses its answer")
    {
        WasAsked = false,
    };

    private static Dictionary<ObservedImage, Answer> NotAsked(List<(ObservedImage At, ImageReference Image)> missing) =>
        missing.ToDictionary(entry => entry.At, entry => (Answer)NotAsked(entry.At.Image.Digest!, entry.Image));

    private static RegistryFailure NotAsked(Digest digest, ImageReference image) => new(
        RegistryFailureKind.Unreachable, $"the manifest {digest.Abbreviated} of {image} is not in the state store, and registries are not queried")
    {
        WasAsked = false,
    };

    private delegate Task<Answer> Get(
        ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken);
}
