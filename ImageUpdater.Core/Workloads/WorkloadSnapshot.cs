using System.Collections.Frozen;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>A workload as it was read, reduced to what decisions need.</summary>
public sealed record WorkloadSnapshot
{
    public required WorkloadKey Key { get; init; }

    public required string Uid { get; init; }

    public required string ResourceVersion { get; init; }

    /// <summary>Annotations with our prefix in the workload's own metadata; others are not read.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>Annotations with our prefix in the metadata of the pod template, where they have no effect.</summary>
    public IReadOnlyDictionary<string, string> TemplateAnnotations { get; init; } = FrozenDictionary<string, string>.Empty;

    public required IReadOnlyList<ContainerSpec> Containers { get; init; }

    public IReadOnlyList<ContainerSpec> InitContainers { get; init; } = [];

    /// <summary>Fingerprint of the whole <c>spec.template</c>, including fields that are not read.</summary>
    public string TemplateFingerprint { get; init; } = "";

    /// <summary><c>spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]</c>, as written.</summary>
    public string? RestartedAt { get; init; }

    public required RolloutStatus Status { get; init; }

    /// <summary><c>spec.progressDeadlineSeconds</c> of a Deployment; null if it has none.</summary>
    public TimeSpan? ProgressDeadline { get; init; }

    /// <summary>A StatefulSet that does not wait for one pod before it starts the next (<c>podManagementPolicy</c>).</summary>
    public bool Parallel { get; init; }

    /// <summary><c>spec.paused</c> of a Deployment.</summary>
    public bool Paused { get; init; }

    /// <summary>A Deployment that stops all its pods before it starts new ones.</summary>
    public bool Recreate { get; init; }

    /// <summary>Names of the template's volumes that are images (<c>volumes[].image</c>). Their content is not checked.</summary>
    public IReadOnlyList<string> ImageVolumes { get; init; } = [];

    /// <summary>Fields that a restart writes and that another controller (Flux, Argo CD) claims as its own.</summary>
    public IReadOnlyList<ForeignField> ForeignFields { get; init; } = [];

    /// <summary>We still own fields that a restart of ours wrote and that belong to whoever writes the manifest: <c>image</c>, for example.</summary>
    public bool OwnsOthersFields { get; init; }

    /// <summary>Who else wrote the pod template last, since we did; null if that is not known. It may be something other than a restart.</summary>
    public FieldWriter? LastTemplateWriter { get; init; }

    /// <summary>It has a <c>deletionTimestamp</c>.</summary>
    public bool Deleting { get; init; }

    public bool HasLegacyFinalizer { get; init; }

    /// <summary><c>spec.selector</c> in the form that the API's <c>labelSelector</c> takes.</summary>
    public string PodSelector { get; init; } = "";

    public PullIdentity PullIdentity { get; init; } = PullIdentity.None;
}

/// <param name="Manager">As <c>metadata.managedFields</c> names it.</param>
/// <param name="Time">To the second, by the API server's clock.</param>
public sealed record FieldWriter(string Manager, DateTimeOffset Time);

/// <param name="Manager">As <c>metadata.managedFields</c> names it.</param>
/// <param name="Field">One of the names below.</param>
public sealed record ForeignField(string Manager, string Field)
{
    public const string RestartedAt = "restartedAt annotation";
    public const string LastDigest = "last-digest annotation";
    public const string PullPolicy = "imagePullPolicy";
}

/// <param name="ImageText">As the workload has it; bounded if it is not a valid reference, because the API accepts any text.</param>
/// <param name="Image">The reference in it, or the message that says why there is none.</param>
/// <param name="PullPolicy"><c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>; the API server fills it in.</param>
public sealed record ContainerSpec(string Name, string ImageText, Result<ImageReference, string> Image, string? PullPolicy)
{
    /// <summary>Its image was loaded onto the nodes, as by <c>kind load</c> or in an air gap: the kubelet pulls nothing, whatever a registry serves.</summary>
    public bool IsNeverPulled => PullPolicy == "Never";

    /// <summary>An init container with <c>restartPolicy: Always</c>, a native sidecar: it runs as long as the pod, so its image matters like a container's.</summary>
    public bool IsSidecar { get; init; }

    /// <summary>Who set the policy, as <c>metadata.managedFields</c> names the owner of the field; null if nobody owns it, or if it is <c>Always</c>.</summary>
    public string? PullPolicyManager { get; init; }

    // Istio documents image: auto for gateways and for a customised sidecar: its injector replaces it in the pods.
    private const string Injected = "auto";

    /// <summary>The reference in the text, or the message that says why there is none.</summary>
    public static Result<ImageReference, string> ReferenceIn(string imageText) => imageText == Injected
        ? "the image 'auto' is a placeholder that Istio replaces in the pods; to leave this container out, add its name to ignore-containers"
        : ImageReference.Parse(imageText);

    public static ContainerSpec Of(string name, string imageText, string? pullPolicy = null)
    {
        var image = ReferenceIn(imageText);
        return new(name, image.Value is null ? UntrustedText.Bound(imageText) : imageText, image, pullPolicy);
    }
}

/// <summary>Whose pull secrets the kubelet would use. The service account's count only when the template names none.</summary>
public sealed record PullIdentity(string Namespace, string ServiceAccount, IReadOnlyList<string> PullSecrets)
{
    public static readonly PullIdentity None = new("", "default", []);

    public bool Equals(PullIdentity? other) =>
        other is not null && Namespace == other.Namespace && ServiceAccount == other.ServiceAccount
        && PullSecrets.SequenceEqual(other.PullSecrets);

    public override int GetHashCode() => HashCode.Combine(Namespace, ServiceAccount, PullSecrets.Count);
}

/// <summary>The fields that <c>kubectl rollout status</c> reads, of whichever kind has them.</summary>
public sealed record RolloutStatus
{
    public long Generation { get; init; }

    public long ObservedGeneration { get; init; }

    /// <summary>
    /// The generation from which on the pod template and the number of replicas did not change; null if that is not known. An edit of a
    /// Deployment's annotations raises the generation, too, but rolls nothing out.
    /// </summary>
    public long? TemplateGeneration { get; init; }

    /// <summary><c>spec.replicas</c>; for a DaemonSet <c>status.desiredNumberScheduled</c>.</summary>
    public int Desired { get; init; }

    /// <summary><c>status.replicas</c>.</summary>
    public int Total { get; init; }

    /// <summary><c>status.updatedReplicas</c>, <c>status.updatedNumberScheduled</c>.</summary>
    public int Updated { get; init; }

    public int Ready { get; init; }

    /// <summary><c>status.availableReplicas</c>, <c>status.numberAvailable</c>.</summary>
    public int Available { get; init; }

    /// <summary>StatefulSet and DaemonSet: pods change only when somebody deletes them.</summary>
    public bool OnDelete { get; init; }

    /// <summary>StatefulSet: pods below this ordinal keep the old revision.</summary>
    public int Partition { get; init; }

    public string? CurrentRevision { get; init; }

    public string? UpdateRevision { get; init; }

    /// <summary>Deployment: condition Progressing is False with reason ProgressDeadlineExceeded.</summary>
    public bool ProgressDeadlineExceeded { get; init; }

    /// <summary>Deployment: why pods can't be created, for example by a quota; null if they can.</summary>
    public string? ReplicaFailure { get; init; }
}

/// <summary>A pod, as evidence of what runs.</summary>
/// <param name="Owner">Kind, name and uid of the controlling owner reference.</param>
/// <param name="RevisionHash">Label <c>pod-template-hash</c> or <c>controller-revision-hash</c>.</param>
/// <param name="RestartedAt">The annotation that the pod took over from its template.</param>
/// <param name="Images">The reported <c>imageID</c> by container name, init containers included; empty ones and those of waiting containers are left out.</param>
public sealed record PodSnapshot(
    string Name,
    bool Terminating,
    PodOwner? Owner,
    string? RevisionHash,
    string? RestartedAt,
    IReadOnlyDictionary<string, string> Images)
{
    /// <summary>Condition Ready.</summary>
    public bool Ready { get; init; }

    /// <summary>Null where the API did not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The first thing that keeps it from being ready; null if it is ready, or nothing is known.</summary>
    public PodTrouble? Trouble { get; init; }
}

/// <summary>Why a pod is not ready, in the words of the kubelet and of the program in it.</summary>
/// <param name="Container">Null where it is about the whole pod, which could not be scheduled.</param>
/// <param name="Reason">For example <c>ImagePullBackOff</c>, <c>CrashLoopBackOff</c>, <c>OOMKilled</c>, <c>Unschedulable</c>.</param>
/// <param name="Message">Bounded; null if there is none.</param>
/// <param name="ExitCode">Of the last run that ended.</param>
public sealed record PodTrouble(string? Container, string Reason, string? Message = null, int? ExitCode = null, int Restarts = 0);

public sealed record PodOwner(string Kind, string Name, string Uid);
