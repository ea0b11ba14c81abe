namespace ImageUpdater.Sandbox;

public sealed record SandboxClusterOptions
{
    /// <summary>The port; 0 for any free port.</summary>
    public int Port { get; init; }

    public IReadOnlyList<SandboxNode> Nodes { get; init; } = [new SandboxNode("node-1")];

    /// <summary>Delay before the controller or a node reacts to a change.</summary>
    public TimeSpan RolloutStepDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Random seed for faults with a percentage.</summary>
    public int Seed { get; init; } = 1;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>A node that runs its pods as soon as their images can be pulled.</summary>
public sealed record SandboxNode(string Name)
{
    public string Os { get; init; } = "linux";

    public string Architecture { get; init; } = "amd64";
}
