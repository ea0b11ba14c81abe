namespace ImageUpdater.Sandbox;

public enum RegistryAuth
{
    /// <summary>Everybody may do everything.</summary>
    Anonymous,

    /// <summary>User and password with every request.</summary>
    Basic,

    /// <summary>Tokens from the registry's own token endpoint.</summary>
    Bearer,
}

public sealed record SandboxRegistryOptions
{
    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    public RegistryAuth Auth { get; init; }

    public string User { get; init; } = "user";

    public string Password { get; init; } = "password";

    /// <summary>Bearer only: who asks for a token without credentials may pull with it, as on Docker Hub.</summary>
    public bool AnonymousPull { get; init; }

    /// <summary>Serve https with a certificate of its own; see <see cref="SandboxRegistry.CertificatePem"/>.</summary>
    public bool Tls { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
