using System.Net;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Host.Planning;

/// <summary>Registries that the nodes reach at their own loopback address, as K3s and kind are often set up. In a pod, that address is the pod itself.</summary>
internal static class LoopbackRegistries
{
    /// <param name="isInPod">Whether this program runs in a pod.</param>
    public static IEnumerable<string> Warnings(IEnumerable<ImageCheck> checks, bool isInPod) => !isInPod ? [] : checks
        .OfType<FailedCheck>()
        .Where(check => check.Failure.Kind == RegistryFailureKind.Unreachable && IsLoopback(check.Image.Registry))
        .Select(check => check.Image.Registry).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)
        .Select(registry => $"registry {registry} is an address of each node, and in this pod that of the pod; set the alias of {registry} to an address that the pod reaches (docs/registries.md)");

    public static bool IsLoopback(string registry) =>
        Uri.TryCreate($"https://{registry}", UriKind.Absolute, out var address)
        && (address.Host == "localhost" || (IPAddress.TryParse(address.DnsSafeHost, out var ip) && IPAddress.IsLoopback(ip)));
}
