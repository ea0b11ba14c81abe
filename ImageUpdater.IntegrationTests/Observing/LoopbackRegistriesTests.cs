using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Planning;

namespace ImageUpdater.IntegrationTests.Observing;

public sealed class LoopbackRegistriesTests
{
    [Theory]
    [InlineData("localhost:5000/app", RegistryFailureKind.Unreachable, true, "localhost:5000")]
    [InlineData("127.0.0.1:5000/app", RegistryFailureKind.Unreachable, true, "127.0.0.1:5000")]
    [InlineData("localhost:5000/app", RegistryFailureKind.Unreachable, false, null)]
    [InlineData("localhost:5000/app", RegistryFailureKind.NotFound, true, null)]
    [InlineData("10.0.0.1:5000/app", RegistryFailureKind.Unreachable, true, null)]
    public void Warnings_LoopbackInAPod_NamesTheAlias(string image, RegistryFailureKind kind, bool isInPod, string? registry)
    {
        ImageCheck check = new FailedCheck(ImageReference.Parse(image).Value!, DateTimeOffset.UnixEpoch, new RegistryFailure(kind, "no answer"));

        var warnings = LoopbackRegistries.Warnings([check, check], isInPod).ToList();

        if (registry is null)
            Assert.Empty(warnings);
        else
            Assert.StartsWith($"registry {registry} is an address of each node, and in this pod that of the pod; set the alias", Assert.Single(warnings), StringComparison.Ordinal);
    }
}
