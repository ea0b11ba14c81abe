using System.Text;
using System.Text.RegularExpressions;
using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>
/// Builds the inputs of planner tests. Digests have short names; <see cref="Manifests"/> defines their content.
/// </summary>
internal static class Given
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    public static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public static readonly RolloutStatus Rolled = new() { Generation = 3, ObservedGeneration = 3, Desired = 1, Total = 1, Updated = 1, Ready = 1, Available = 1 };

    public static readonly RolloutStatus Rolling = Rolled with { Updated = 0 };

    private static readonly Regex Placeholder = new(@"\{(?<name>[\w-]+)\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private static readonly Regex DigestText = new("sha256:[a-f0-9]{64}", RegexOptions.NonBacktracking);

    private static readonly Dictionary<string, string> Indexes = new(StringComparer.Ordinal)
    {
        ["I1"] = "amd64=M1 arm64=N1",
        ["I2"] = "amd64=M1 arm64=N2",
        ["I3"] = "amd64=M3 arm64=N2",
        ["I4"] = "amd64=M1 arm64=N1",
        ["I5"] = "arm64=N1",
        ["I6"] = "amd64=M1",
        ["I7"] = "amd64=M3",
        ["I8"] = "amd64=D1",
    };

    private static readonly string[] Singles = ["D1", "D2", "D3", "D4", "M1", "M3", "N1", "N2", .. Enumerable.Range(1, 99).Select(i => $"P{i}")];

    private static readonly Dictionary<Digest, string> Names = new[] { "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "C-M1", "gone", "goneI", "late", "lateI", "huge", "hugeI", "unread", "unreadI", "A1", "A2", "B1", "B2" }
        .Concat(Singles).ToDictionary(Digest);

    /// <summary>
    /// D, M, N and P are single manifests whose platform is not known, A those of amd64 and B of arm64; I are indexes of those (I4 is I1 with another attestation). "gone" is a 404, "late" a timeout,
    /// "huge" too large, "unread" was not supplied; names that end in I are indexes.
    /// </summary>
    public static Dictionary<Digest, Result<Manifest, RegistryFailure>> Manifests { get; } = MakeManifests();

    public static Digest Digest(string name) => Core.Images.Digest.OfContent(Encoding.UTF8.GetBytes(name));

    public static string Name(Digest? digest) => digest is null ? "" : Names.GetValueOrDefault(digest, digest.Value);

    /// <summary>Replaces {D1} by the digest of that name.</summary>
    public static string Fill(string text) => Placeholder.Replace(text, match => Digest(match.Groups["name"].Value).Value);

    /// <summary>Replaces digests by their names.</summary>
    public static string Unfill(string text) => DigestText.Replace(text, match => Name(Core.Images.Digest.Parse(match.Value)));

    public static ImageReference Image(string text) => ImageReference.Parse(Fill(text)).Value ?? throw new ArgumentException(text, nameof(text));

    public static ContainerSpec Container(string name, string image, string? pullPolicy = "IfNotPresent") => ContainerSpec.Of(name, Fill(image), pullPolicy);

    public static WorkloadSnapshot Workload(string name, params ContainerSpec[] containers) => new()
    {
        Key = new("default", WorkloadKind.Deployment, name),
        Uid = "uid-" + name,
        ResourceVersion = "7",
        Annotations = new Dictionary<string, string> { [Annotations.Enabled] = "true" },
        Containers = containers,
        RestartedAt = "2026-05-01T00:00:00Z",
        Status = Rolled,
    };

    public static WorkloadSnapshot With(this WorkloadSnapshot workload, string annotation, string? value)
    {
        var annotations = new Dictionary<string, string>(workload.Annotations);
        if (value is null)
            annotations.Remove(annotation);
        else
            annotations[annotation] = Fill(value);
        return workload with { Annotations = annotations };
    }

    /// <summary>A pod of the workload's current template. Reports have the form container=imageID.</summary>
    public static PodSnapshot Pod(WorkloadSnapshot workload, params (string Container, string ImageId)[] reports) => new(
        workload.Key.Name + "-pod",
        Terminating: false,
        workload.Key.Kind == WorkloadKind.Deployment
            ? new("ReplicaSet", workload.Key.Name + "-77", "rs")
            : new(workload.Key.Kind.ToString(), workload.Key.Name, workload.Uid),
        workload.Status.UpdateRevision ?? "77",
        workload.RestartedAt,
        reports.ToDictionary(report => report.Container, report => Fill(report.ImageId)))
    {
        CreatedAt = Now.AddHours(-1),
    };

    public static ImageCheck Served(string image, string digest) =>
        new ServedCheck(Image(image), Now, Digest(digest), digest.Contains('I') ? OciIndex : OciManifest);

    public static ImageCheck Failed(string image, RegistryFailureKind kind, string message) =>
        new FailedCheck(Image(image), Now, new(kind, message));

    public static Baseline Baseline(string workload, string container, string image, string digest, BaselineOrigin origin = BaselineOrigin.RolledOut) =>
        new(new("uid-" + workload, container), Image(image), Digest(digest), origin, Now.AddDays(-1));

    public static PlanningInput Input(IEnumerable<WorkloadSnapshot> workloads, IEnumerable<ImageCheck> checks, params Baseline[] baselines) => new()
    {
        Now = Now,
        Workloads = [.. workloads],
        Checks = checks.ToDictionary(check => check.Observed),
        Baselines = baselines.ToDictionary(baseline => baseline.Id),
        Manifests = Manifests,
        Served = ServedBy(checks),
        NodePlatforms = [new("linux", "amd64")],
        Pods = workloads.ToDictionary(workload => workload.Uid, _ => (IReadOnlyList<PodSnapshot>)[]),
        Revisions = workloads.ToDictionary(workload => workload.Uid, _ => (IReadOnlyList<RevisionSnapshot>)[]),
    };

    /// <summary>What the repositories of the checks serve at every digest of <see cref="Manifests"/>.</summary>
    public static Dictionary<ObservedImage, Result<Manifest, RegistryFailure>> ServedBy(IEnumerable<ImageCheck> checks) => checks
        .DistinctBy(check => (check.Image.Registry, check.Image.Repository, check.Reader))
        .SelectMany(check => Manifests, (check, manifest) => (At: new ObservedImage(check.Image.AtDigest(manifest.Key), check.Reader), manifest.Value))
        .ToDictionary(manifest => manifest.At, manifest => manifest.Value);

    private static Dictionary<Digest, Result<Manifest, RegistryFailure>> MakeManifests()
    {
        var manifests = new Dictionary<Digest, Result<Manifest, RegistryFailure>>();
        foreach (var name in Singles)
            manifests[Digest(name)] = new Manifest(Digest(name), OciManifest, Digest("C-" + name), Children: null);

        foreach (var (name, architecture) in new[] { ("A1", "amd64"), ("A2", "amd64"), ("B1", "arm64"), ("B2", "arm64") })
            manifests[Digest(name)] = new Manifest(Digest(name), OciManifest, Digest("C-" + name), Children: null) { Platform = new("linux", architecture) };

        foreach (var (name, content) in Indexes)
        {
            var children = content.Split(' ').Select(child => child.Split('=')).Select(child => new IndexEntry(Digest(child[1]), new("linux", child[0])));
            manifests[Digest(name)] = new Manifest(Digest(name), OciIndex, Config: null, [.. children]);
        }

        foreach (var suffix in new[] { "", "I" })
        {
            manifests[Digest("gone" + suffix)] = new RegistryFailure(RegistryFailureKind.NotFound, "answered 404");
            manifests[Digest("late" + suffix)] = new RegistryFailure(RegistryFailureKind.TimedOut, "did not answer in time");
            manifests[Digest("huge" + suffix)] = new RegistryFailure(RegistryFailureKind.TooLarge, "sent a manifest that is too large");
        }

        return manifests;
    }

    public static Rollout Running(string name, string @namespace = "default") => new()
    {
        Id = "r-" + name,
        Workload = new(@namespace, WorkloadKind.Deployment, name),
        Uid = "uid-" + name,
        Actor = "controller",
        StartedAt = Now.AddMinutes(-1),
        RestartedAt = "2026-05-04T11:59:00Z",
        LastDigest = "",
        Patch = "{}",
        ResourceVersionBefore = "1",
        Changes = [],
        Baselines = [],
        PullPolicies = [],
        State = RolloutState.Running,
    };
}
