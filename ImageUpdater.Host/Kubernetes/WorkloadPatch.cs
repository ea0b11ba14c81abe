using System.Text;
using System.Text.Json;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Kubernetes;

/// <summary>
/// The patches that we send, as strategic merge patches: containers and init containers merge by name. Each holds the
/// resourceVersion it was made from, so that it is refused (409) when the workload has changed since or is another one by now. The uid
/// beside it is a second lock: the API looks at it later, and refuses another one as a change of an immutable field (422).
/// </summary>
internal static class WorkloadPatch
{
    /// <summary>The restart of <c>kubectl rollout restart</c>, and what belongs to it.</summary>
    /// <param name="restartedAt">RFC 3339 in UTC, to the second.</param>
    /// <param name="containersToAlways">Names whose <c>imagePullPolicy</c> becomes Always; the snapshot must have them.</param>
    public static string Restart(
        WorkloadSnapshot snapshot,
        string restartedAt,
        string lastDigest,
        IReadOnlyList<string> containersToAlways,
        IReadOnlyList<string> initContainersToAlways)
    {
        RequireKnown(snapshot, snapshot.Containers, containersToAlways);
        RequireKnown(snapshot, snapshot.InitContainers, initContainersToAlways);
        return Write(snapshot, writer =>
        {
            WriteMap(writer, "annotations", Annotations.LastDigest, lastDigest);
            writer.WriteEndObject();
            writer.WriteStartObject("spec");
            writer.WriteStartObject("template");
            writer.WriteStartObject("metadata");
            WriteMap(writer, "annotations", Annotations.RestartedAt, restartedAt);
            writer.WriteEndObject();
            WritePodSpec(writer, containersToAlways, initContainersToAlways);
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

    private static void WriteMap(Utf8JsonWriter writer, string name, string key, string value)
    {
        writer.WriteStartObject(name);
        writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    private static void WritePodSpec(Utf8JsonWriter writer, IReadOnlyList<string> containers, IReadOnlyList<string> initContainers)
    {
        if (containers.Count == 0 && initContainers.Count == 0)
            return;

        writer.WriteStartObject("spec");
        WriteContainers(writer, "containers", containers);
        WriteContainers(writer, "initContainers", initContainers);
        writer.WriteEndObject();
    }

    private static void WriteContainers(Utf8JsonWriter writer, string key, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;

        writer.WriteStartArray(key);
        foreach (var name in names)
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("imagePullPolicy", "Always");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // A name that the template lacks would be appended as a new container.
    private static void RequireKnown(WorkloadSnapshot snapshot, IReadOnlyList<ContainerSpec> known, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (!known.Any(container => container.Name == name))
                throw new ArgumentException($"{snapshot.Key} has no container '{name}'.", nameof(names));
        }
    }
}
