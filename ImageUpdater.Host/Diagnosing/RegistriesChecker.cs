using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>The answer of a registry about an image.</summary>
/// <param name="Credential">The one that worked, or <c>anonymous</c>; null if none did.</param>
/// <param name="Tried">Those that did not work, in order.</param>
internal sealed record AskedImage(ImageReference Image, string? Credential, IReadOnlyList<string> Tried, ImageCheck Check);

/// <summary>The registries of the enabled workloads: a line for each credential that works there, and one for each image that fails.</summary>
internal static class RegistriesChecker
{
    /// <param name="asked">In the order to show.</param>
    /// <param name="warnings">About the credentials.</param>
    /// <param name="unasked">How many images were left out.</param>
    public static IEnumerable<Finding> Of(IReadOnlyList<AskedImage> asked, IReadOnlyList<string> warnings, int unasked, bool isInPod)
    {
        foreach (var warning in warnings)
            yield return new Finding(DoctorCheck.Registries, FindingStatus.Warning, warning.TrimEnd('.'));
        foreach (var served in asked.Where(one => one.Check is ServedCheck).GroupBy(one => (one.Image.Registry.ToLowerInvariant(), one.Credential, Tried(one))))
            yield return Served(served.First(), served.Count() - 1, isInPod);
        foreach (var one in asked)
        {
            if (one.Check is FailedCheck { Failure: var failure })
                yield return Failed(one, failure, isInPod);
        }

        if (unasked > 0)
            yield return new Finding(DoctorCheck.Registries, FindingStatus.Ok, $"{Words.Count(unasked, "more image")} not asked for, of registries that do not answer or since there are many");
        if (asked.Count == 0)
            yield return new Finding(DoctorCheck.Registries, FindingStatus.Ok, "no image of an enabled workload has to be checked");
    }

    private static Finding Served(AskedImage one, int others, bool isInPod) => new(
        DoctorCheck.Registries, FindingStatus.Ok,
        $"{one.Image}{(others == 0 ? "" : $" and {Words.Count(others, "more image")}")}: served, {(one.Credential is null or "anonymous" ? "without credentials" : $"with {one.Credential}")}{Tried(one)}",
        LoopbackRegistries.IsLoopback(one.Image.Registry) && !isInPod ? $"in a pod, {one.Image.Registry} is the pod itself: set its alias there (docs/registries.md)" : null);

    private static Finding Failed(AskedImage one, RegistryFailure failure, bool isInPod) => new(
        DoctorCheck.Registries, failure.Kind == RegistryFailureKind.RateLimited ? FindingStatus.Warning : FindingStatus.Failed, $"{one.Image}: {failure.Message.TrimEnd('.')}{Tried(one)}",
        failure.Kind == RegistryFailureKind.Unreachable && isInPod && LoopbackRegistries.IsLoopback(one.Image.Registry) ? OfPod(one.Image.Registry) : Hint(failure.Kind, one.Image));

    private static string Tried(AskedImage one) => one.Tried.Count == 0 ? "" : $"; refused: {string.Join(", ", one.Tried)}";

    private static string OfPod(string registry) =>
        $"{registry} is an address of each node, and in this pod that of the pod; set its alias to an address that the pod reaches (docs/registries.md)";

    private static string Hint(RegistryFailureKind kind, ImageReference image) => kind switch
    {
        RegistryFailureKind.Unauthorized or RegistryFailureKind.Forbidden => $"check the pull secret of the workload; image-updater resolve {image} --namespace NAME shows what was tried",
        RegistryFailureKind.NotFound => "check the name and the tag; some registries say this too if credentials are missing",
        RegistryFailureKind.RateLimited => "configure an account for the registry, or a longer interval",
        RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut => "check the address, the certificate, firewalls, network policies and the proxy (docs/registries.md)",
        _ => "ask whoever runs the registry",
    };
}
