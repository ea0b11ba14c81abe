namespace ImageUpdater.Sandbox;

public sealed record SandboxClusterOptions
{
    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    public IReadOnlyList<SandboxNode> Nodes { get; init; } = [new SandboxNode("node-1")];

    /// <summary>Between a change and what the controller, or a node, does about it.</summary>
    public TimeSpan RolloutStepDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Serve https with a certificate of its own; the kubeconfig trusts it.</summary>
    public bool Tls { get; init; }

    /// <summary>Of the faults that hit a share of requests.</summary>
    public int Seed { get; init; } = 1;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>A node that runs what is scheduled to it, as soon as its images can be had.</summary>
public sealed record SandboxNode(string Name)
{
    public string Os { get; init; } = "linux";

    public string Architecture { get; init; } = "amd64";
}
