namespace ImageUpdater.Sandbox;

/// <summary>One request as a sandbox server saw it.</summary>
public sealed record RequestRecord
{
    public required long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Method { get; init; }

    /// <summary>The path as it was sent, still percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>Empty, or with its question mark.</summary>
    public required string Query { get; init; }

    public string? ContentType { get; init; }

    public string? UserAgent { get; init; }

    public string? Accept { get; init; }

    /// <summary>The whole header, so that tests can look for leaked secrets.</summary>
    public string? Authorization { get; init; }

    /// <summary>Of requests that change something; registry uploads leave it out.</summary>
    public string? Body { get; init; }

    /// <summary>The status as sent, or as it would have been where the answer was cut; 0 when cut before handling.</summary>
    public int Status { get; init; }

    /// <summary>True when the client got no answer.</summary>
    public bool Cut { get; init; }

    public string Target => Path + Query;

    public string? AuthorizationScheme => Authorization?.Split(' ', 2)[0];
}
