using System.Text;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>What the API needs to know of a kind before it looks at an object.</summary>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural, string Singular, string ShortName)
{
    public bool Namespaced { get; init; } = true;

    public bool HasStatus { get; init; }

    /// <summary>metadata.generation counts changes of the spec.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>A workload whose pods the rollout controller keeps.</summary>
    public bool IsWorkload { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As error messages name it: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>How every stored object's JSON begins. Items of a list are sent without it, as the real API does.</summary>
    public byte[] JsonHead => field ??= Encoding.UTF8.GetBytes($$"""{"kind":"{{Kind}}","apiVersion":"{{ApiVersion}}",""");

    public bool Equals(ResourceKind? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Plural.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => QualifiedPlural;
}
