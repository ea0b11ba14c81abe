using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Deserializes responses into the client library's models, with only the fields that are used. The rest, for example the spec of pods,
/// would take many times as much memory.
/// </summary>
internal static class AnswerJson
{
    // Fields that are not listed are always null.
    private static readonly Dictionary<Type, string[]> Fields = new()
    {
        [typeof(V1PodList)] = ["metadata", "items"],
        [typeof(V1ListMeta)] = ["continue", "resourceVersion"],
        [typeof(V1ObjectMeta)] = ["name", "labels", "annotations", "ownerReferences", "deletionTimestamp"],
        [typeof(V1Pod)] = ["metadata", "spec", "status"],
        [typeof(V1PodSpec)] = ["containers", "initContainers"],
        [typeof(V1Container)] = ["name"],
        [typeof(V1PodStatus)] = ["phase", "conditions", "containerStatuses", "initContainerStatuses"],
        [typeof(V1ContainerStatus)] = ["name", "imageID", "ready", "restartCount", "state", "lastState"],
        [typeof(V1ContainerState)] = ["waiting", "running", "terminated"],
        [typeof(V1ContainerStateWaiting)] = ["reason", "message"],
        [typeof(V1ContainerStateRunning)] = [],
        [typeof(V1ContainerStateTerminated)] = ["exitCode", "reason", "message"],
        [typeof(V1PodCondition)] = ["type", "status", "reason", "message"],
        [typeof(V1Secret)] = ["type", "data"],
        [typeof(V1ServiceAccount)] = ["imagePullSecrets"],
        [typeof(Eventsv1Event)] = [],
        [typeof(V1SelfSubjectAccessReview)] = ["status"],
        [typeof(V1SubjectAccessReviewStatus)] = ["allowed"],
        [typeof(VersionInfo)] = ["gitVersion"],
    };

    private static readonly JsonSerializerOptions Options = new()
    {
        TypeInfoResolver = ApiJson.Default.WithAddedModifier(KeepFields),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new KubernetesJson.KubernetesDateTimeConverter() },
    };

    public static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private static void KeepFields(JsonTypeInfo type)
    {
        if (!Fields.TryGetValue(type.Type, out var fields))
            return;
        for (var index = type.Properties.Count - 1; index >= 0; index--)
        {
            if (!fields.Contains(type.Properties[index].Name))
                type.Properties.RemoveAt(index);
        }
    }
}
