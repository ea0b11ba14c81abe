using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Field selectors: metadata.name and metadata.namespace of everything, spec.nodeName and status.phase of pods.</summary>
internal sealed class FieldSelector
{
    private readonly List<(Func<StoredObject, string> Field, bool Wanted, string Value)> requirements = [];

    public string? Name { get; private set; }

    public bool Matches(StoredObject stored)
    {
        foreach ((Func<StoredObject, string> field, bool wanted, string value) in requirements)
        {
            if ((field(stored) == value) != wanted) return false;
        }

        return true;
    }

    public static FieldSelector? Parse(string text, ResourceKind kind, out string? problem)
    {
        var selector = new FieldSelector();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem = $"invalid selector: '{text}'; can't understand '{part}'";
                return null;
            }

            bool not = part[equals - 1] == '!';
            string name = part[..(not ? equals - 1 : equals)];
            string value = part[equals..].TrimStart('=');
            if (FieldOf(name, kind) is not { } field)
            {
                problem = kind == ResourceKinds.Pods || !name.Contains('.', StringComparison.Ordinal)
                    ? $"field label not supported: {name}"
                    : $"\"{name}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
                return null;
            }

            selector.requirements.Add((field, !not, value));
            if (name == "metadata.name" && !not) selector.Name = value;
        }

        problem = null;
        return selector;
    }

    private static Func<StoredObject, string>? FieldOf(string name, ResourceKind kind) => name switch
    {
        "metadata.name" => stored => stored.Name,
        "metadata.namespace" => stored => stored.Namespace,
        "spec.nodeName" when kind == ResourceKinds.Pods => stored => stored.NodeName,
        "status.phase" when kind == ResourceKinds.Pods || kind == ResourceKinds.Namespaces => stored => stored.Phase,
        _ => null,
    };
}
