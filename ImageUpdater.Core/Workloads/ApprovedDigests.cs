using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>The value of the annotation <c>approved-digest</c>.</summary>
public static class ApprovedDigests
{
    /// <summary>Adds a container's digest. It replaces the one approved before; what is approved for other containers, or for all, stays.</summary>
    /// <param name="annotation">The value so far; null for none.</param>
    public static string With(string? annotation, string container, Digest digest)
    {
        var others = (annotation ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(entry => !entry.StartsWith($"{container}:", StringComparison.Ordinal) || Digest.TryParse(entry, out _));
        return string.Join(',', others.Append($"{container}:{digest}"));
    }
}
