using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// The strategic merge patches that are sent; containers and init containers are merged by name. Each contains the resourceVersion of the
/// snapshot, so that the API rejects it (409) if the workload has changed since. The uid makes the API reject the patch (422, immutable field)
/// if the workload was deleted and recreated.
/// </summary>
internal static class WorkloadPatch
{
    /// <summary>The annotation that <c>kubectl rollout restart</c> writes, our own annotations, and changes of pull policies and images.</summary>
    /// <param name="restartedAt">RFC 3339 in UTC, to the second.</param>
    public static string Restart(WorkloadSnapshot snapshot, string restartedAt, RestartChange restart)
    {
        var changes = ContainerChange.Of(restart);
        RequireKnown(snapshot, changes);
        var annotations = new Dictionary<string, string?> { [Annotations.LastDigest] = restart.LastDigest };
        if (restart.PinnedDigest is { } pinned)
            annotations[Annotations.PinnedDigest] = pinned.Length == 0 ? null : pinned;

        var template = new PatchTemplate(
            new PatchMeta { Annotations = new Dictionary<string, string?> { [Annotations.RestartedAt] = restartedAt } },
            changes.Count == 0 ? null : new PatchPodSpec(Containers(changes, areInit: false), Containers(changes, areInit: true)));
        return Text(new PatchBody(Meta(snapshot) with { Annotations = annotations }, new PatchSpec(template)));
    }

    /// <summary>Removes the Python operator's finalizer and keeps others.</summary>
    public static string RemoveLegacyFinalizer(WorkloadSnapshot snapshot) =>
        Text(new PatchBody(Meta(snapshot) with { RemovedFinalizers = [Annotations.LegacyFinalizer] }, Spec: null));

    /// <summary>Sets one annotation of the workload itself, which restarts nothing.</summary>
    public static string Annotate(WorkloadSnapshot snapshot, string name, string value) =>
        Text(new PatchBody(Meta(snapshot) with { Annotations = new Dictionary<string, string?> { [name] = value } }, Spec: null));

    /// <summary>Says who owns which fields; changes nothing else.</summary>
    public static string ManagedFields(string uid, string resourceVersion, JsonArray managedFields) =>
        Text(new PatchBody(new PatchMeta { Uid = uid, ResourceVersion = resourceVersion, ManagedFields = managedFields }, Spec: null));

    private static string Text(PatchBody body) => JsonSerializer.Serialize(body, WorkloadJson.Default.PatchBody);

    private static PatchMeta Meta(WorkloadSnapshot snapshot) => new() { Uid = snapshot.Uid, ResourceVersion = snapshot.ResourceVersion };

    private static List<PatchContainer>? Containers(IReadOnlyList<ContainerChange> changes, bool areInit)
    {
        var containers = changes.Where(change => change.IsInit == areInit)
            .Select(change => new PatchContainer(change.Name, change.Image, change.PullsAlways ? "Always" : null)).ToList();
        return containers.Count == 0 ? null : containers;
    }

    // A strategic merge patch would add a container with an unknown name to the template.
    private static void RequireKnown(WorkloadSnapshot snapshot, IReadOnlyList<ContainerChange> changes)
    {
        foreach (var change in changes)
        {
            if (!(change.IsInit ? snapshot.InitContainers : snapshot.Containers).Any(container => container.Name == change.Name))
                throw new ArgumentException($"{snapshot.Key} has no {(change.IsInit ? "init container" : "container")} '{change.Name}'.", nameof(changes));
        }
    }

    private sealed record ContainerChange(string Name, bool IsInit, string? Image, bool PullsAlways)
    {
        public static IReadOnlyList<ContainerChange> Of(RestartChange restart) =>
        [
            .. restart.PullPolicies.Select(policy => (policy.Container, policy.IsInit)).Union(restart.Images.Select(image => (image.Container, image.IsInit)))
                .Select(container => new ContainerChange(
                    container.Container,
                    container.IsInit,
                    restart.Images.FirstOrDefault(image => image.Container == container.Container)?.After,
                    restart.PullPolicies.Any(policy => policy.Container == container.Container))),
        ];
    }
}
