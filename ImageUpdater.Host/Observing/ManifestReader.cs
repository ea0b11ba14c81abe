using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// Reads manifests by digest, from the store, which keeps each one that was read, or else from the registry. Docker Hub counts a manifest GET
/// as a pull, so that only manifests needed for a decision are fetched, once.
/// </summary>
internal sealed class ManifestReader(
    RegistryClient registries, PullCredentials credentials, CheckIntervals intervals, LateRegistries late, RegistryPatience patience, IObservingState store, TimeProvider time,
    ILogger<ManifestReader> logger) : IDisposable
{
    private readonly RegistryLanes<ImageReference, Result<Manifest, RegistryFailure>> byDigest = new(patience, Unexpected, registries.Turns, time, logger);
    private readonly RegistryLanes<ImageReference, Result<Manifest, RegistryFailure>> served = new(patience, Unexpected, registries.Turns, time, logger);

    /// <summary>Content by digest, wherever it was read.</summary>
    /// <param name="mayAsk">Whether registries may be queried for manifests that are not in the store.</param>
    public async Task<IReadOnlyDictionary<Digest, Result<Manifest, RegistryFailure>>> ReadAsync(
        IReadOnlyDictionary<Digest, ImageReference> wanted, IReadOnlyList<WorkloadSnapshot> workloads, bool mayAsk, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<Digest, Result<Manifest, RegistryFailure>>();
        if (wanted.Count == 0)
            return answers;

        foreach (var (digest, manifest) in await store.LoadManifestsAsync([.. wanted.Keys], cancellationToken))
            answers[digest] = manifest;

        var missing = wanted.Where(entry => !answers.ContainsKey(entry.Key)).Select(entry => (At: entry.Value.AtDigest(entry.Key), Image: entry.Value)).ToList();
        var asked = mayAsk ? await AskAsync(byDigest, missing, workloads, registries.GetManifestAsync, cancellationToken) : NotAsked(missing);
        await store.SaveManifestsAsync([.. asked.Values.Select(answer => answer.Value).OfType<Manifest>()], cancellationToken);
        foreach (var (at, answer) in asked)
            answers[at.Digest!] = answer;
        return answers;
    }

    /// <summary>
    /// What repositories serve at a digest, and a single manifest's platform. One that was read is not requested again; a failure is not before its
    /// backoff has ended, unless everything is refreshed.
    /// </summary>
    /// <param name="wanted">The repository at the digest, and the image.</param>
    public async Task<IReadOnlyDictionary<ImageReference, Result<Manifest, RegistryFailure>>> ReadServedAsync(
        IReadOnlyDictionary<ImageReference, ImageReference> wanted, IReadOnlyList<WorkloadSnapshot> workloads, Refresh refresh, CancellationToken cancellationToken)
    {
        if (wanted.Count == 0)
            return new Dictionary<ImageReference, Result<Manifest, RegistryFailure>>();

        var reads = await store.LoadReadsAsync([.. wanted.Keys], cancellationToken);
        var stored = await store.LoadManifestsAsync([.. wanted.Keys.Select(at => at.Digest!)], cancellationToken);
        var answers = new Dictionary<ImageReference, Result<Manifest, RegistryFailure>>();
        var missing = new List<(ImageReference At, ImageReference Image)>();
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
        await store.RecordReadsAsync([.. recorded], [.. asked.Values.Select(answer => answer.Value).OfType<Manifest>()], cancellationToken);
        return answers;

        Result<Manifest, RegistryFailure>? Known(ImageReference at)
        {
            if (reads.GetValueOrDefault(at) is not { } read)
                return null;
            if (read.Failure is null && stored.GetValueOrDefault(at.Digest!) is { IsRead: true } manifest)
                return manifest;
            if (read.Failure is null || (refresh != Refresh.None && (refresh == Refresh.All || read.IsDue(time.GetUtcNow(), intervals.Of(at.Registry)))))
                return null;
            return read.Failure;
        }

        async Task<Result<Manifest, RegistryFailure>> GetServedAsync(
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

    private ManifestRead Read(ImageReference at, ManifestRead? before, RegistryFailure? failure) => failure is null
        ? new ManifestRead(at, time.GetUtcNow())
        : ManifestRead.Failed(at, before, failure, time.GetUtcNow(), intervals.Of(at.Registry), Random.Shared.NextDouble());

    public void Dispose()
    {
        byDigest.Dispose();
        served.Dispose();
    }

    private async Task<Dictionary<ImageReference, Result<Manifest, RegistryFailure>>> AskAsync(
        RegistryLanes<ImageReference, Result<Manifest, RegistryFailure>> lanes, List<(ImageReference At, ImageReference Image)> missing, IReadOnlyList<WorkloadSnapshot> workloads, Get get,
        CancellationToken cancellationToken)
    {
        var answers = new Dictionary<ImageReference, Result<Manifest, RegistryFailure>>();
        if (missing.Count == 0)
            return answers;

        var candidates = await credentials.ForAsync(workloads, missing.Select(entry => entry.Image).ToHashSet(), cancellationToken);
        await EachAsync(missing, candidates);
        var refused = missing.Where(entry => answers.TryGetValue(entry.At, out var answer) && PullCredentials.MayBeOld(answer.Failure)).ToList();
        if (refused.Count > 0)
        {
            var renewed = await credentials.RenewAsync(workloads, candidates, refused.Select(entry => entry.Image).ToHashSet(), cancellationToken);
            await EachAsync([.. refused.Where(entry => renewed.ByImage.ContainsKey(entry.Image))], renewed);
        }

        foreach (var (at, image) in missing.Where(entry => !answers.ContainsKey(entry.At)))
            answers[at] = NotYet(at.Digest!, image);
        return answers;

        async Task EachAsync(IReadOnlyList<(ImageReference At, ImageReference Image)> asked, CredentialSet with)
        {
            var images = asked.ToDictionary(entry => entry.At, entry => entry.Image);
            var done = await lanes.RunAsync(images.Keys.GroupBy(at => at.Registry, StringComparer.OrdinalIgnoreCase), ReadRegistryAsync, cancellationToken);
            late.Add(done.Late);
            foreach (var (at, answer) in done.Results)
                answers[at] = answer;

            Task ReadRegistryAsync(
                string registry, IReadOnlyList<ImageReference> items, Action<ImageReference, Result<Manifest, RegistryFailure>> report, Func<bool> isOver, CancellationToken cancellationToken) => Parallel.ForEachAsync(
                items,
                new ParallelOptions { MaxDegreeOfParallelism = registries.OptionsOf(registry).MaxConcurrency, CancellationToken = cancellationToken },
                async (at, cancellationToken) =>
                {
                    if (!isOver())
                        report(at, await get(images[at], at.Digest!, with.For(images[at]), cancellationToken));
                });
        }
    }

    private static Result<Manifest, RegistryFailure> Unexpected(ImageReference at, Exception exception) => Failures.Unexpected(at, exception);

    private static RegistryFailure NotYet(Digest digest, ImageReference image) => new(
        RegistryFailureKind.TimedOut, $"{image.Registry} has not answered in time for the manifest {digest.Abbreviated} of {image}; a later cycle uses its answer")
    {
        WasAsked = false,
    };

    private static Dictionary<ImageReference, Result<Manifest, RegistryFailure>> NotAsked(List<(ImageReference At, ImageReference Image)> missing) =>
        missing.ToDictionary(entry => entry.At, entry => (Result<Manifest, RegistryFailure>)NotAsked(entry.At.Digest!, entry.Image));

    private static RegistryFailure NotAsked(Digest digest, ImageReference image) => new(
        RegistryFailureKind.Unreachable, $"the manifest {digest.Abbreviated} of {image} is not in the state store, and registries are not queried")
    {
        WasAsked = false,
    };

    private delegate Task<Result<Manifest, RegistryFailure>> Get(
        ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken);
}
