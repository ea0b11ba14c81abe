using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Sandbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.Benchmarks;

/// <summary>
/// Ten thousand checks of images that are pushed now and then, at a registry where a fifth of the requests fails at random: how many digests
/// are stored that were not served, and how many checks fail in spite of their retries.
/// </summary>
internal static class FailingBenchmark
{
    private const int Images = 100;
    private const int Rounds = 100;
    private const int PushesARound = 10;

    // Of what the ones before it let through, each takes the share that makes a fifth of the whole in the end.
    private static readonly RegistryFault[] Faults =
    [
        new() { Status = 500 },
        new() { Status = 404 },
        new() { Status = 401 },
        new() { CutBefore = true },
        new() { CutAfter = true },
        new() { OmitDigest = true, CutBody = true },
        new() { OmitDigest = true, Body = "<html>not now</html>" },
        new() { Digest = "sha256:short", Status = 200, Method = "HEAD" },
    ];

    /// <returns>Whether nothing was stored that was not served.</returns>
    public static async Task<bool> RunAsync()
    {
        await using var registry = await SandboxRegistry.StartAsync();
        var time = new HurriedTime();
        var images = Enumerable.Range(0, Images).ToDictionary(i => ImageReference.Parse(registry.Reference($"app-{i}", "latest")).Value!, i => $"app-{i}");
        var served = images.Keys.ToDictionary(image => image, image => registry.PushImage(images[image], "latest", "first"));
        foreach (var fault in Faults)
            registry.Faults.Add(fault with { Percent = 100 * (1 - Math.Pow(0.8, 1.0 / Faults.Length)) });

        var folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
        var (failed, wrong, requests, random) = (0, 0, 0, new Random());
        await using (var store = (await StateStore.OpenAsync(new StateStoreOptions { Path = Path.Combine(folder.FullName, "state.db") }, time, default)).Value!)
        {
            using var client = new RegistryClient([new RegistryOptions { Host = registry.Address, PlainHttp = true }], time, NullLogger<RegistryClient>.Instance);
            using var observer = new RegistryObserver(client, RegistryPatience.OfCommand, time, NullLogger<RegistryObserver>.Instance);
            var asked = images.Keys.Select(image => new ImageToAsk(image, [new CandidateGroup([Reader.Shared], [])])).ToList();
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var image in random.GetItems([.. images.Keys], PushesARound))
                    served[image] = registry.PushImage(images[image], "latest", $"content {round}");

                var before = await store.Observing.LoadImagesAsync(default);
                var checks = (await observer.CheckAllAsync(asked, progress: null, default)).Results.ToDictionary(image => image.Key.Image, image => image.Value.Single().Answer);
                await store.Observing.RecordChecksAsync([.. checks.Values], FrozenDictionary<ObservedImage, DateTimeOffset>.Empty, default);
                var after = await store.Observing.LoadImagesAsync(default);
                requests += registry.Requests.All.Count;
                registry.Requests.Clear();
                failed += checks.Values.OfType<FailedCheck>().Count();
                wrong += images.Keys.Count(image =>
                    after[image].Digest?.Value != (checks[image] is ServedCheck ? served[image] : before.GetValueOrDefault(image)?.Digest?.Value));
            }
        }

        folder.Delete(recursive: true);
        Console.WriteLine($"{Images * Rounds} checks of {Images} images, a fifth of the requests failing at random, {requests} requests");
        Console.WriteLine($"  wrong digests stored / checks: {wrong}/{Images * Rounds}; failed checks / checks: {(double)failed / (Images * Rounds):0.000}");
        return wrong == 0;
    }

    // Pauses between attempts are not what is measured.
    private sealed class HurriedTime : TimeProvider
    {
        private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > LongestPause ? dueTime : TimeSpan.Zero, period);
    }
}
