using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Planning.Holds;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Registry;
using ImageUpdater.Host.Registry.Programs;

namespace ImageUpdater.Host.Configuration;

/// <summary>What a user can set, in <c>appsettings.json</c>, the environment (<c>ImageUpdater__CheckInterval</c>) and on the command line, the later one winning.</summary>
internal sealed record ImageUpdaterOptions
{
    public const string Section = "ImageUpdater";

    /// <summary>Between two checks of an image. <c>CheckInterval</c>, or <c>CHECK_INTERVAL</c>, in whole seconds; default 300.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// A restart also sets <c>imagePullPolicy: Always</c>. <c>AutomaticallySetImagePullPolicyToAlways</c>, or
    /// <c>AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS</c>; default false, and true in the chart.
    /// </summary>
    public bool PullPolicyAlways { get; init; }

    /// <summary><c>FirstSeen</c>: <c>Adopt</c> (default) or <c>Restart</c>.</summary>
    public FirstSeen FirstSeen { get; init; }

    /// <summary>The SQLite file. <c>State</c>, or <c>--state</c>; default: <c>image-updater/state.db</c> in the user's state folder.</summary>
    public required string StatePath { get; init; }

    /// <summary>The workload that runs the operator, as <c>namespace/kind/name</c>. <c>Self</c>; default: none.</summary>
    public WorkloadKey? Self { get; init; }

    /// <summary>The namespaces to look at, with commas. <c>Namespaces</c>; default: none, which means all, listed at once.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Read the pull secrets of workloads. <c>ReadPullSecrets</c>; default true.</summary>
    public bool ReadPullSecrets { get; init; } = true;

    /// <summary>Where pull secrets are read, with commas. <c>PullSecretNamespaces</c>; default: wherever there are workloads.</summary>
    public IReadOnlyList<string> PullSecretNamespaces { get; init; } = [];

    /// <summary>A rollout that takes longer counts as timed out and is followed no further. <c>RolloutTimeout</c> in whole seconds; default 900.</summary>
    public TimeSpan RolloutTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// What holds restarts: <c>Window</c> (default always), <c>Cooldown</c> and <c>MinAge</c> (default 0), <c>Approval</c> (default none), which
    /// annotations of the workload overrule; <c>MaxRollouts</c> (default 5), <c>MaxRolloutsPerNamespace</c> (default 2),
    /// <c>QuarantineEverywhere</c> (default true).
    /// </summary>
    public HoldOptions Holds { get; init; } = new();

    /// <summary>How long audit records, rollouts, plans and observations are kept. <c>RetentionDays</c>; default 90.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Of the web endpoints. <c>Port</c>; default 8080.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Tell of restarts, failures and holds by Kubernetes Events on the workload. <c>Events</c>; default true.</summary>
    public bool Events { get; init; } = true;

    /// <summary>Of <c>run</c>. <c>Logs</c>: <c>Text</c> (default) or <c>Json</c>, one object a line.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>
    /// <c>Registries:0</c>, <c>Registries:1</c>…: the registries that need something said about them; and those of
    /// <c>RegistriesFile</c>, a <c>registries.yaml</c> of K3s.
    /// </summary>
    public IReadOnlyList<RegistryOptions> Registries { get; init; } = [];

    /// <summary><c>CredentialProviders:Config</c> and <c>CredentialProviders:BinDir</c>: the kubelet's plugins. Default: none.</summary>
    public IReadOnlyList<CredentialPlugin> CredentialPlugins { get; init; } = [];

    /// <summary>What was passed over in the files of other programs: sentences for the user, no reason to stop.</summary>
    public IReadOnlyList<string> RegistryWarnings { get; init; } = [];
}
