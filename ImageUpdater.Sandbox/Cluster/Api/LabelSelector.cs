using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>A label selector in its query form, <c>a=b,c!=d,e in (f,g),h,!i</c>, or in the form of a workload's spec.</summary>
internal sealed class LabelSelector
{
    private readonly List<(string Key, bool Wanted, string[]? Values)> requirements = [];

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach ((string key, bool wanted, string[]? values) in requirements)
        {
            bool hit = labels.TryGetValue(key, out string? value) && (values is null || Array.IndexOf(values, value) >= 0);
            if (hit != wanted) return false;
        }

        return true;
    }

    public static LabelSelector? Parse(string text, out string? problem)
    {
        var selector = new LabelSelector();
        foreach (string part in Split(text))
        {
            if (!selector.Add(part))
            {
                problem = $"unable to parse requirement: {part}";
                return null;
            }
        }

        problem = null;
        return selector;
    }

    public static LabelSelector OfWorkload(JsonNode? spec)
    {
        var selector = new LabelSelector();
        foreach ((string key, string value) in spec.Map("matchLabels")) selector.requirements.Add((key, true, [value]));
        foreach (JsonObject expression in spec.Items("matchExpressions"))
        {
            string? verb = expression.Text("operator");
            string[]? values = verb is "In" or "NotIn" && expression["values"] is JsonArray list ? [.. list.Select(value => value.Text() ?? "")] : null;
            selector.requirements.Add((expression.Text("key") ?? "", verb is "In" or "Exists", values));
        }

        return selector;
    }

    private bool Add(string part)
    {
        int open = part.IndexOf('(', StringComparison.Ordinal);
        if (open >= 0)
        {
            string[] head = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (head.Length != 2 || head[1] is not ("in" or "notin") || part[^1] != ')') return false;
            requirements.Add((head[0], head[1] == "in", part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries)));
            return true;
        }

        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            bool absent = part[0] == '!';
            string key = part.TrimStart('!').Trim();
            requirements.Add((key, !absent, null));
            return key.Length > 0 && !key.Contains(' ', StringComparison.Ordinal);
        }

        bool not = equals > 0 && part[equals - 1] == '!';
        requirements.Add((part[..(not ? equals - 1 : equals)].Trim(), !not, [part[equals..].TrimStart('=').Trim()]));
        return equals > 0;
    }

    /// <summary>At the commas outside parentheses.</summary>
    private static IEnumerable<string> Split(string text)
    {
        int start = 0, depth = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '(') depth++;
            if (i < text.Length && text[i] == ')') depth--;
            if (i < text.Length && (text[i] != ',' || depth > 0)) continue;
            string part = text[start..i].Trim();
            if (part.Length > 0) yield return part;
            start = i + 1;
        }
    }
}
