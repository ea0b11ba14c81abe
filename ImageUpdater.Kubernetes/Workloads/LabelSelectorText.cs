namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Formats a selector for the query parameter <c>labelSelector</c>.</summary>
internal static class LabelSelectorText
{
    /// <returns>Empty if there is no selector or it has an unknown operator: without that requirement it would match too many pods.</returns>
    public static string Of(LabelSelector? selector)
    {
        var labels = (selector?.MatchLabels ?? new Dictionary<string, string>())
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(string? (pair) => $"{pair.Key}={pair.Value}");
        List<string?> parts = [.. labels, .. (selector?.MatchExpressions ?? []).Select(Text)];
        return parts.Contains(item: null) ? "" : string.Join(',', parts);
    }

    private static string? Text(LabelRequirement requirement) => requirement.Operator switch
    {
        "In" => $"{requirement.Key} in ({string.Join(',', requirement.Values ?? [])})",
        "NotIn" => $"{requirement.Key} notin ({string.Join(',', requirement.Values ?? [])})",
        "Exists" => requirement.Key,
        "DoesNotExist" => "!" + requirement.Key,
        _ => null,
    };
}
