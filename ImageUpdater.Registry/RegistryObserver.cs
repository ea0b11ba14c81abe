using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>An image to ask for, and the credentials to ask with. Equal by the image.</summary>
internal sealed record ImageToAsk(ImageReference Image, IReadOnlyList<CandidateGroup> Groups)
{
    public bool Equals(ImageToAsk? other) => Image == other?.Image;

    public override int GetHashCode() => Image.GetHashCode();
}

/// <summary>
/// Checks many images. Registries are checked in parallel, each with its own limits, so that one that is slow, or fails in any way, does not delay
/// others.
/// </summary>
internal sealed class RegistryObserver(RegistryClient client, RegistryPatience patience, TimeProvider time, ILogger<RegistryObserver> logger) : IDisposable
{
    // Without this limit, every image of an unreachable registry would use up all its attempts and timeouts.
    private const int SilentInARow = 5;

    private readonly RegistryLanes<ImageToAsk, IReadOnlyList<GroupAnswer<ImageCheck>>> lanes = new(
        patience, (asked, exception) => CandidateGroup.ForAll<ImageCheck>(asked.Groups, new FailedCheck(asked.Image, time.GetUtcNow(), Failures.Unexpected(asked.Image, exception))),
        client.Turns, time, logger);

    /// <param name="images">Distinct images with their candidate credentials.</param>
    /// <param name="progress">Receives the number of images checked so far.</param>
    /// <returns>
    /// One check per image and group, without those of registries that are late; also checks of earlier calls that were late then.
    /// </returns>
    public Task<LaneResults<ImageToAsk, IReadOnlyList<GroupAnswer<ImageCheck>>>> CheckAllAsync(IEnumerable<ImageToAsk> images, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var done = 0;
        // Over all turns of a registry.
        var silentInARow = new ConcurrentDictionary<string, StrongBox<int>>(StringComparer.OrdinalIgnoreCase);
        return lanes.RunAsync(images.GroupBy(asked => asked.Image.Registry, StringComparer.OrdinalIgnoreCase), CheckRegistryAsync, cancellationToken);

        async Task CheckRegistryAsync(
            string registry, IReadOnlyList<ImageToAsk> asked, Action<ImageToAsk, IReadOnlyList<GroupAnswer<ImageCheck>>> report, Func<bool> isOver, CancellationToken cancellationToken)
        {
            var silent = silentInARow.GetOrAdd(registry, _ => new StrongBox<int>());
            var bounds = new ParallelOptions
            {
                MaxDegreeOfParallelism = client.OptionsOf(registry).MaxConcurrency,
                CancellationToken = cancellationToken,
            };

            // Random order, so that the same images are not always skipped after the ones that time out.
            var shuffled = asked.ToArray();
            Random.Shared.Shuffle(shuffled);
            await Parallel.ForEachAsync(shuffled, bounds, async (image, cancellationToken) =>
            {
                if (isOver())
                    return;

                report(image, await CandidateGroup.AskAsync(
                    image.Groups, CheckAsync, check => check.Reader.IsShared, check => (check as FailedCheck)?.Failure, cancellationToken));
                progress?.Report(Interlocked.Increment(ref done));

                async Task<ImageCheck> CheckAsync(IReadOnlyList<RegistryCredential> candidates)
                {
                    var check = Volatile.Read(ref silent.Value) >= SilentInARow
                        ? NotAsked(image.Image)
                        : await client.CheckAsync(image.Image, candidates, cancellationToken);
                    if (IsSilence(check))
                        Interlocked.Increment(ref silent.Value);
                    else
                        Interlocked.Exchange(ref silent.Value, 0);
                    return check;
                }
            });
        }
    }

    public void Dispose() => lanes.Dispose();

    private static bool IsSilence(ImageCheck check) =>
        check is FailedCheck { Failure.Kind: RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut };

    private FailedCheck NotAsked(ImageReference image) => new(image, time.GetUtcNow(), new RegistryFailure(
        RegistryFailureKind.Unreachable,
        $"{image.Registry} did not answer for {SilentInARow} images in a row; {image.Repository}:{image.Tag} was not requested"));
}
