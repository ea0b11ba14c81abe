namespace ImageUpdater.Sandbox;

public sealed record SandboxClusterOptions
{
    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    public IReadOnlyList<SandboxNode> Nodes { get; init; } = [new SandboxNode("node-1")];

    /// <summary>Between a change and what the controller, or a node, does about it.</summary>
    public TimeSpan RolloutStepDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>How long a deleted pod is still listed, with its deletionTimestamp. Null: as long as a step.</summary>
    public TimeSpan? TerminationDelay { get; init; }

    /// <summary>Objects may be created in namespaces that do not exist; the namespace then appears.</summary>
    public bool LenientNamespaces { get; init; }

    /// <summary>Bearer token to user name. With none in it, everybody is let in.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>The user in refusals when there are no tokens.</summary>
    public string DefaultUser { get; init; } = "system:serviceaccount:image-updater:image-updater";

    public IReadOnlyList<ForbiddenVerb> Forbidden { get; init; } = [];

    /// <summary>Serve https with a certificate of its own; the kubeconfig trusts it.</summary>
    public bool Tls { get; init; }

    public TimeSpan WatchBookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many changes of each kind a watch can go back.</summary>
    public int WatchHistory { get; init; } = 10_000;

    public TimeSpan ContinueTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Of the faults that hit a share of requests.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many requests the log keeps.</summary>
    public int RequestLogCapacity { get; init; } = 100_000;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
