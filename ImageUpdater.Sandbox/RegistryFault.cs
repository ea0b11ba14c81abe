
namespace ImageUpdater.Sandbox;

/// <summary>A fault of a sandbox registry. Members can be combined, for example a status with headers and a challenge.</summary>
public sealed record RegistryFault : Fault
{
    /// <summary>The repository; null for all. A token request belongs to the repository of its scope.</summary>
    public string? Repository { get; init; }

    public bool OmitDigest { get; init; }

    /// <summary>Sent as Docker-Content-Digest instead of the correct digest.</summary>
    public string? Digest { get; init; }

    /// <summary>Raw WWW-Authenticate values, sent with <see cref="Fault.Status"/> or, without one, with 401.</summary>
    public IReadOnlyList<string> Challenges { get; init; } = [];

    /// <summary>Additional headers of the response, for example ratelimit-remaining.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Responds with 307 and this Location; {target} stands for the path and query of the request.</summary>
    public string? RedirectTo { get; init; }

    /// <summary>Replaces the body of a manifest, for example with invalid JSON.</summary>
    public string? Body { get; init; }

    /// <summary>Pads a manifest's JSON with spaces to this many bytes.</summary>
    public int? PadTo { get; init; }

    /// <summary>Sends the full Content-Length but half of the body, then closes the connection.</summary>
    public bool CutBody { get; init; }

    /// <summary>Sends the body byte by byte, with this pause after each.</summary>
    public TimeSpan? PausePerByte { get; init; }

    /// <summary>Issued tokens have already expired.</summary>
    public bool TokenExpired { get; init; }

    /// <summary>Issued tokens grant nothing.</summary>
    public bool TokenLacksAccess { get; init; }

    internal override bool Matches(HttpRequest request) => base.Matches(request) && (Repository is null || Concerns(request, Repository));

    private static bool Concerns(HttpRequest request, string repository)
    {
        string path = request.Path.Value!;
        if (path.StartsWith($"/v2/{repository}/", StringComparison.Ordinal)) return true;
        return path == "/token" && request.Query["scope"].ToString().Contains($"repository:{repository}:", StringComparison.Ordinal);
    }
}
