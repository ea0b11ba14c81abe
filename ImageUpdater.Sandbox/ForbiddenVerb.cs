namespace ImageUpdater.Sandbox;

/// <summary>
/// A permission that is denied, as if RBAC did not grant it. <c>*</c> stands for every verb or resource.
/// </summary>
/// <param name="Verb">get, list, watch, create, update, patch or delete.</param>
/// <param name="Resource">The plural, for example <c>deployments</c>.</param>
/// <param name="Namespace">The namespace; null for all, including cluster-wide requests.</param>
public sealed record ForbiddenVerb(string Verb, string Resource, string? Namespace = null)
{
    internal bool Covers(string verb, string resource, string? ns) =>
        (Verb == "*" || Verb == verb) && (Resource == "*" || Resource == resource) && (Namespace is null || Namespace == ns);
}
