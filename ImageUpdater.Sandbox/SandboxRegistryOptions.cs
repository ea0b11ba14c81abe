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

    /// <summary>Bearer only: an identity token that the token endpoint takes as refresh_token; null refuses them all.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>Bearer only: false answers a POST to the token endpoint with 404, as older token servers do.</summary>
    public bool TokenPost { get; init; } = true;

    /// <summary>Bearer only: how long tokens live. Null leaves expires_in out, which means 60 s.</summary>
    public TimeSpan? TokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bearer only: the member that carries the token: token or access_token.</summary>
    public string TokenMember { get; init; } = "token";

    /// <summary>Serve https with a certificate of its own; see <see cref="SandboxRegistry.CertificatePem"/>.</summary>
    public bool Tls { get; init; }

    /// <summary>Of the faults that hit a share of requests.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many requests the log keeps.</summary>
    public int RequestLogCapacity { get; init; } = 100_000;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
