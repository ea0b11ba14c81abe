using System.Globalization;
using ImageUpdater.Host.Observing;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>
/// However a registry fails, only digests that it served are stored. <c>IMAGE_UPDATER_TEST_FAILING_CHECKS</c> sets the number of checks;
/// the benchmark <c>failing</c> runs ten thousand.
/// </summary>
public sealed class RandomFailuresTests
{
    private const int Images = 100;
    private const int UsualChecks = 2_000;
    private const int PushesARound = 10;

    [Fact]
    public async Task Observe_AFifthOfTheRequestsFails_NeverStoresAWrongDigest()
    {
        await using var under = await ObserverUnderTest.StartAsync(atOnce: 8);
        var names = Enumerable.Range(0, Images).Select(i => $"app-{i}").ToList();
        foreach (var name in names)
            under.Add(name, name);
        var served = names.ToDictionary(name => name, name => new List<string> { under.Registry.PushImage(name, "latest", "first") }, StringComparer.Ordinal);

        // Each fault applies to a share of the requests that the previous ones let through, so that each affects a fifth in total.
        RegistryFault[] faults =
        [
            new() { Status = 500 },
            new() { Status = 404 },
            new() { Status = 401, Challenges = ["Bearer realm=\"http://192.0.2.1/token\""] },
            new() { CutBefore = true },
            new() { CutAfter = true },
            new() { OmitDigest = true, CutBody = true },
            new() { OmitDigest = true, Body = "<html>not now</html>" },
            new() { Digest = "sha256:short", Status = 200, Method = "HEAD" },
        ];
        foreach (var fault in faults)
            under.Registry.Faults.Add(fault with { Percent = 100 * (1 - Math.Pow(0.8, 1.0 / faults.Length)) });

        var rounds = int.TryParse(Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_FAILING_CHECKS"), NumberStyles.None, CultureInfo.InvariantCulture, out var many)
            ? many / Images
            : UsualChecks / Images;
        var random = new Random(20);
        var (failed, checks) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            for (var push = 0; push < PushesARound; push++)
            {
                var name = names[random.Next(Images)];
                served[name].Add(under.Registry.PushImage(name, "latest", $"content {round}"));
            }

            var before = await under.Store.Observing.LoadImagesAsync(CancellationToken.None);
            await under.ObserveAsync(Refresh.All);
            var after = await under.Store.Observing.LoadImagesAsync(CancellationToken.None);
            foreach (var name in names)
            {
                var state = after[under.Image(name)];
                checks++;
                failed += state.Failure is null ? 0 : 1;
                var expected = state.Failure is null ? served[name][^1] : before.GetValueOrDefault(under.Image(name))?.Digest?.Value;
                Assert.Equal(expected, state.Digest?.Value);
            }
        }

        Assert.Equal(rounds * Images, checks);
        Assert.InRange(failed, checks * 0.03, checks * 0.3);
        foreach (var name in names)
        {
            var observed = await under.Store.Reporting.ObservationsOfAsync(under.Image(name), CancellationToken.None);
            Assert.Subset(served[name].ToHashSet(StringComparer.Ordinal), observed.Select(observation => observation.Digest.Value).ToHashSet(StringComparer.Ordinal));
        }
    }
}
