using ImageUpdater.Core;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Names that may stand in a request's path. The library puts them there as they are, and with <c>../</c> in it the name of a pull secret,
/// which who writes a workload chooses, would read another namespace's.
/// </summary>
internal static class ResourceName
{
    // RFC 1123, as the API bounds them.
    private const int MaxLength = 253;

    /// <returns>The first that could be no object's; null when all could be.</returns>
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
