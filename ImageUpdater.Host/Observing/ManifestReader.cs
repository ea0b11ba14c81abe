using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Observing;

/// <summary>
/// Reads manifests by digest, from the store, which keeps each one that was read, or else from the registry. Docker Hub counts a manifest GET
/// as a pull, so that only manifests needed for a decision are fetched, once.
/// </summary>
internal sealed class ManifestReader(RegistryClient registries, PullCredentials credentials, IObservingState store)
{
    /// <param name="mayAsk">Whether registries may be queried for manifests that are not in the store.</param>
    public async Task<IReadOnlyDictionary<Digest, Result<Manifest, RegistryFailure>>> ReadAsync(
        IReadOnlyDictionary<Digest, ImageReference> wanted, IReadOnlyList<WorkloadSnapshot> workloads, bool mayAsk, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<Digest, Result<Manifest, RegistryFailure>>();
        if (wanted.Count == 0)
            return answers;

        foreach (var (digest, manifest) in await store.LoadManifestsAsync([.. wanted.Keys], cancellationToken))
            answers[digest] = manifest;

        var missing = wanted.Where(entry => !answers.ContainsKey(entry.Key)).ToList();
        if (!mayAsk)
        {
            foreach (var (digest, image) in missing)
                answers[digest] = NotAsked(digest, image);
            return answers;
        }

        if (missing.Count == 0)
            return answers;

        var candidates = await credentials.ForAsync(workloads, missing.Select(entry => entry.Value).ToHashSet(), cancellationToken);
        await AskAsync(missing, candidates);
        var refused = missing.Where(entry => PullCredentials.MayBeOld(answers[entry.Key].Failure)).ToList();
        if (refused.Count > 0)
        {
            var renewed = await credentials.RenewAsync(workloads, candidates, refused.Select(entry => entry.Value).ToHashSet(), cancellationToken);
            await AskAsync(refused.Where(entry => renewed.ByImage.ContainsKey(entry.Value)), renewed);
        }

        await store.SaveManifestsAsync([.. missing.Select(entry => answers[entry.Key].Value).OfType<Manifest>()], cancellationToken);
        return answers;

        async Task AskAsync(IEnumerable<KeyValuePair<Digest, ImageReference>> asked, CredentialSet with) => await Parallel.ForEachAsync(asked, cancellationToken, async (entry, cancellationToken) =>
        {
            var answer = await registries.GetManifestAsync(entry.Value, entry.Key, with.For(entry.Value), cancellationToken);
            lock (answers)
                answers[entry.Key] = answer;
        });
    }

    private static RegistryFailure NotAsked(Digest digest, ImageReference image) => new(
        RegistryFailureKind.Unreachable, $"the manifest {digest.Abbreviated} of {image} is not in the state store, and registries are not queried")
    {
        WasAsked = false,
    };
}
