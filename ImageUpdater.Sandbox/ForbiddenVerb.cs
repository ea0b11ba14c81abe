namespace ImageUpdater.Sandbox;

/// <summary>
/// A right that the caller lacks, as if RBAC did not grant it. <c>*</c> stands for every verb or resource.
/// </summary>
/// <param name="Verb">get, list, watch, create, update, patch or delete.</param>
/// <param name="Resource">The plural, for instance <c>deployments</c>.</param>
/// <param name="Namespace">Only there; null is everywhere, cluster-wide requests included.</param>
public sealed record ForbiddenVerb(string Verb, string Resource, string? Namespace = null)
{
    internal bool Covers(string verb, string resource, string? ns) =>
        (Verb == "*" || Verb == verb) && (Resource == "*" || Resource == resource) && (Namespace is null || Namespace == ns);
}
