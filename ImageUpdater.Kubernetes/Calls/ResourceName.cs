using ImageUpdater.Core;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Checks names before they are put into a request's path. The client library does not escape them: a workload whose pull secret is named
/// <c>../…</c> could make us read a secret of another namespace.
/// </summary>
internal static class ResourceName
{
    // DNS subdomain of RFC 1123, with the API's limit.
    private const int MaxLength = 253;

    /// <returns>A failure for the first invalid name; null if all are valid.</returns>
    public static KubernetesFailure? Refusal(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!IsPossible(name))
                return new KubernetesFailure(KubernetesFailureKind.Invalid, $"invalid resource name '{UntrustedText.Bound(name)}'");
        }

        return null;
    }

    private static bool IsPossible(string name) =>
        name.Length is > 0 and <= MaxLength
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');
}
