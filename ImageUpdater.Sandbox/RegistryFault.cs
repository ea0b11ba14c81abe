
namespace ImageUpdater.Sandbox;

/// <summary>A fault of a sandbox registry. Members combine: a status with headers and a challenge, for instance.</summary>
public sealed record RegistryFault : Fault
{
    /// <summary>Only this repository; null is all of them. A token request belongs to the repository of its scope.</summary>
    public string? Repository { get; init; }

    public bool OmitDigest { get; init; }

    /// <summary>Sent as Docker-Content-Digest in place of the true one.</summary>
    public string? Digest { get; init; }

    /// <summary>Raw WWW-Authenticate values, sent with <see cref="Fault.Status"/> or, without one, with 401.</summary>
    public IReadOnlyList<string> Challenges { get; init; } = [];

    /// <summary>Further headers of the answer, for instance ratelimit-remaining.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Answers 307 with this Location; {target} stands for the path and query that were asked.</summary>
    public string? RedirectTo { get; init; }

    /// <summary>Replaces the body of a manifest, for instance by something that is no JSON.</summary>
    public string? Body { get; init; }

    /// <summary>Pads a manifest's JSON with spaces to this many bytes.</summary>
    public int? PadTo { get; init; }

    /// <summary>Announces the whole body, sends half of it and closes the connection.</summary>
    public bool CutBody { get; init; }

    /// <summary>Sends the body byte by byte, with this pause between two.</summary>
    public TimeSpan? PausePerByte { get; init; }

    /// <summary>Tokens handed out are already expired when they arrive.</summary>
    public bool TokenExpired { get; init; }

    /// <summary>Tokens handed out grant nothing.</summary>
    public bool TokenLacksAccess { get; init; }

    internal override bool Matches(HttpRequest request) => base.Matches(request) && (Repository is null || Concerns(request, Repository));

    private static bool Concerns(HttpRequest request, string repository)
    {
        string path = request.Path.Value!;
        if (path.StartsWith($"/v2/{repository}/", StringComparison.Ordinal)) return true;
        return path == "/token" && request.Query["scope"].ToString().Contains($"repository:{repository}:", StringComparison.Ordinal);
    }
}
