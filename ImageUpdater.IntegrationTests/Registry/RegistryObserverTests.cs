using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class RegistryObserverTests
{
    [Fact]
    public async Task CheckAll_OneRegistryNeverAnswers_TheOthersDo()
    {
        var release = new TaskCompletionSource();
        await using var stuck = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Served() with { Then = _ => release.Task }));
        await using var well = await ScriptedRegistry.StartAsync(
            [.. Enumerable.Range(0, 30).Select(number => Rule.For($"HEAD /v2/team/app/manifests/{number}", Reply.Served()))]);
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(stuck.Host), ClientUnderTest.PlainHttp(well.Host));
        var images = Enumerable.Range(0, 30).Select(number => ClientUnderTest.Image(well.Host, $"team/app:{number}"))
            .Append(ClientUnderTest.Image(stuck.Host));

        using var observer = Observer(under);

        // Released only after all others have finished; a deadlock fails the test.
        var progress = new Counted(done =>
        {
            if (done == 30)
                release.SetResult();
        });
        var checks = (await observer.CheckAllAsync(Anonymous(images), progress, CancellationToken.None)).Results;

        Assert.Equal(31, checks.Count);
        Assert.All(checks.Values, answers => Assert.IsType<ServedCheck>(Assert.Single(answers).Answer));
    }

    [Fact]
    public async Task CheckAll_RegistryIsDown_IsNotAskedForEveryImage()
    {
        await using var registry = await ScriptedRegistry.StartAsync();
        var host = registry.Host;
        await registry.DisposeAsync();
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(host) with { MaxConcurrency = 1 });
        using var observer = Observer(under);
        var images = Enumerable.Range(0, 20).Select(number => ClientUnderTest.Image(host, $"team/app:{number}"));

        var checks = (await observer.CheckAllAsync(Anonymous(images), progress: null, CancellationToken.None)).Results;

        var failures = checks.Values.Select(answers => Assert.IsType<FailedCheck>(Assert.Single(answers).Answer).Failure).ToArray();
        Assert.Equal(20, failures.Length);
        Assert.All(failures, failure => Assert.Equal(RegistryFailureKind.Unreachable, failure.Kind));
        Assert.Equal(15, failures.Count(failure => failure.Message.Contains("did not answer for 5 images in a row", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CheckAll_Cancelled_Throws()
    {
        await using var registry = await ScriptedRegistry.StartAsync();
        using var under = ClientUnderTest.For(registry);
        using var observer = Observer(under);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => observer.CheckAllAsync(
            Anonymous([ClientUnderTest.Image(registry.Host)]), progress: null, new CancellationToken(canceled: true)));
    }

    private static RegistryObserver Observer(ClientUnderTest under) => new(under.Client, RegistryPatience.OfCycle, under.Clock, NullLogger<RegistryObserver>.Instance);

    private static IEnumerable<ImageToAsk> Anonymous(IEnumerable<ImageReference> images) =>
        images.Select(image => new ImageToAsk(image, [new CandidateGroup([new Reader("shop")], [])]));

    private sealed class Counted(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
