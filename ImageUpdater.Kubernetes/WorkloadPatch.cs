using System.Text;
using System.Text.Json;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

/// <summary>
/// The patches that we send, as strategic merge patches: containers and init containers merge by name. Each holds the
/// resourceVersion it was made from, so that it is refused (409) when the workload has changed since or is another one by now. The uid
/// beside it is a second lock: the API looks at it later, and refuses another one as a change of an immutable field (422).
/// </summary>
internal static class WorkloadPatch
{
    /// <summary>The restart of <c>kubectl rollout restart</c>, and what belongs to it.</summary>
    /// <param name="restartedAt">RFC 3339 in UTC, to the second.</param>
    public static string Restart(WorkloadSnapshot snapshot, string restartedAt, RestartChange restart)
    {
        var changes = ContainerChange.Of(restart);
        RequireKnown(snapshot, changes);
        return Write(snapshot, writer =>
        {
            writer.WriteStartObject("annotations");
            writer.WriteString(Annotations.LastDigest, restart.LastDigest);
            if (restart.PinnedDigest is { Length: 0 })
                writer.WriteNull(Annotations.PinnedDigest);
            else if (restart.PinnedDigest is { } pinned)
                writer.WriteString(Annotations.PinnedDigest, pinned);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("spec");
            writer.WriteStartObject("template");
            writer.WriteStartObject("metadata");
            writer.WriteStartObject("annotations");
            writer.WriteString(Annotations.RestartedAt, restartedAt);
            writer.WriteEndObject();
            writer.WriteEndObject();
            WritePodSpec(writer, changes);
            writer.WriteEndObject();
        });
    }

    /// <summary>Takes the Python operator's finalizer away and leaves the others.</summary>
    public static string RemoveLegacyFinalizer(WorkloadSnapshot snapshot) => Write(snapshot, writer =>
    {
        writer.WriteStartArray("$deleteFromPrimitiveList/finalizers");
        writer.WriteStringValue(Annotations.LegacyFinalizer);
        writer.WriteEndArray();
    });

    // Opens the object and its metadata; `rest` leaves one object open beside the root.
    private static string Write(WorkloadSnapshot snapshot, Action<Utf8JsonWriter> rest)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");
            writer.WriteString("uid", snapshot.Uid);
            writer.WriteString("resourceVersion", snapshot.ResourceVersion);
            rest(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WritePodSpec(Utf8JsonWriter writer, IReadOnlyList<ContainerChange> changes)
    {
        if (changes.Count == 0)
            return;

        writer.WriteStartObject("spec");
        WriteContainers(writer, "containers", [.. changes.Where(change => !change.IsInit)]);
        WriteContainers(writer, "initContainers", [.. changes.Where(change => change.IsInit)]);
        writer.WriteEndObject();
    }

    private static void WriteContainers(Utf8JsonWriter writer, string key, IReadOnlyList<ContainerChange> changes)
    {
        if (changes.Count == 0)
            return;

        writer.WriteStartArray(key);
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", change.Name);
            if (change.Image is not null)
                writer.WriteString("image", change.Image);
            if (change.PullsAlways)
                writer.WriteString("imagePullPolicy", "Always");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // A name that the template lacks would be appended as a new container.
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
