using System.Text.RegularExpressions;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>
/// The filter of a list or watch: a namespace, a label selector such as <c>a=b,c!=d,e in (f,g),h,!i</c>, and a field selector, which
/// supports only <c>metadata.name</c>: kubectl uses it to watch one object.
/// </summary>
internal sealed partial class ObjectFilter
{
    private const string ByName = "metadata.name=";

    private readonly List<(string Key, bool Wanted, string[]? Values)> labels = [];
    private string? ns;
    private string? name;

    public bool Matches(StoredObject stored) =>
        (ns is null || stored.Key.Namespace == ns)
        && (name is null || stored.Key.Name == name)
        && labels.TrueForAll(label =>
            label.Wanted == (stored.Labels.TryGetValue(label.Key, out var value) && label.Values?.Contains(value) != false));

    public static Outcome<ObjectFilter> Parse(ApiTarget target, IQueryCollection query)
    {
        var filter = new ObjectFilter { ns = target.Namespace };
        var fields = query["fieldSelector"].ToString();
        if (fields.StartsWith(ByName, StringComparison.Ordinal)) filter.name = fields[ByName.Length..];
        else if (fields.Length > 0) return ApiStatus.BadRequest($"field label not supported: {fields}");

        var selector = query["labelSelector"].ToString();
        foreach (var part in selector.Length == 0 ? [] : CommaOutside().Split(selector))
        {
            var match = Requirement().Match(part.Trim());
            if (!match.Success) return ApiStatus.BadRequest($"unable to parse requirement: {part}");
            var value = match.Groups["value"];
            filter.labels.Add((
                match.Groups["key"].Value, !match.Groups["not"].Success, value.Success ? value.Value.Split(',', StringSplitOptions.TrimEntries) : null));
        }

        return filter;
    }

    [GeneratedRegex(@",(?![^(]*\))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommaOutside();

    [GeneratedRegex(
        @"^(?<not>!)?(?<key>[^\s=!,()]+)(\s*(==?|(?<not>!=))\s*(?<value>[^,()]*)|\s+((?<not>not)?in)\s*\((?<value>[^()]*)\))?$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Requirement();
}
