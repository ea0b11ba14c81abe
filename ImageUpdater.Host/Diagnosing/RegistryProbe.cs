using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>
/// Asks registries for images as a cycle does: by HEAD, which is no pull. First for one image of each list of credentials that workloads have for the
/// registry, then for the others, unless the registry did not answer.
/// </summary>
internal sealed class RegistryProbe(RegistryClient registries, PullCredentials credentials)
{
    private const int MostAsked = 200;
    private const int AtOnce = 8;

    /// <returns>In the order of the images; the warnings about credentials; how many images were left out.</returns>
    public async Task<(IReadOnlyList<AskedImage> Asked, IReadOnlyList<string> Warnings, int Unasked)> AskAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ObservedImage> used, CancellationToken cancellationToken)
    {
        var found = await credentials.ForAsync(workloads, used, cancellationToken);
        // Namespaces with the same credentials for an image need one request.
        var images = used.Order().DistinctBy(use => (use.Image, OriginsOf(use))).ToList();
        var first = images.DistinctBy(use => (use.Image.Registry.ToLowerInvariant(), OriginsOf(use))).Take(MostAsked).ToList();
        var asked = await AskAllAsync(first, found, cancellationToken);
        var silent = asked.Where(one => one.Check is FailedCheck { Failure.Kind: RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut or RegistryFailureKind.RateLimited })
            .Select(one => one.Image.Registry).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = images.Except(first).Where(use => !silent.Contains(use.Image.Registry)).Take(MostAsked - first.Count).ToList();
        asked = [.. asked.Concat(await AskAllAsync(others, found, cancellationToken)).OrderBy(one => one.Image)];
        return (asked, found.Warnings, images.Count - asked.Count);

        string OriginsOf(ObservedImage use) => string.Join('\n', found.For(use).Select(credential => credential.Origin));
    }

    private async Task<IReadOnlyList<AskedImage>> AskAllAsync(List<ObservedImage> images, CredentialSet found, CancellationToken cancellationToken)
    {
        var asked = new AskedImage[images.Count];
        await Parallel.ForAsync(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (index, cancellationToken) =>
        {
            var use = images[index];
            var attempts = new AttemptList();
            var check = await registries.CheckAsync(use.Image, found.For(use), cancellationToken, attempts);
            asked[index] = new AskedImage(use.Image, attempts.Worked, attempts.Refused, check is FailedCheck failed ? failed with { Failure = found.Explain(use, failed.Failure) } : check);
        });
        return asked;
    }

    // Not Progress<T>, which reports through the thread pool, late and out of order.
    private sealed class AttemptList : IProgress<Attempt>
    {
        private readonly List<Attempt> all = [];

        public string? Worked => all.FindLast(attempt => attempt.Ending is null)?.Credential;

        public IReadOnlyList<string> Refused => [.. all.Where(attempt => attempt.Ending is not null).Select(attempt => attempt.Credential).Distinct(StringComparer.Ordinal)];

        public void Report(Attempt value) => all.Add(value);
    }
}
