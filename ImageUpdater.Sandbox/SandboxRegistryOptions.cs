namespace ImageUpdater.Sandbox;

public enum RegistryAuth
{
    /// <summary>Everything is allowed without credentials.</summary>
    Anonymous,

    /// <summary>User and password with every request.</summary>
    Basic,

    /// <summary>Tokens from the registry's own token endpoint.</summary>
    Bearer,
}

public sealed record SandboxRegistryOptions
{
    /// <summary>The port; 0 for any free port.</summary>
    public int Port { get; init; }

    public RegistryAuth Auth { get; init; }

    public string User { get; init; } = "user";

    public string Password { get; init; } = "password";

    /// <summary>Bearer only: whether a token issued without credentials allows pulls, as on Docker Hub.</summary>
    public bool AnonymousPull { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
