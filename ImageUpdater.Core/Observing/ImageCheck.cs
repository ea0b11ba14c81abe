using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>The result of asking a registry which digest a tag serves.</summary>
public abstract record ImageCheck(ImageReference Image, DateTimeOffset At)
{
    /// <summary>Whose credentials it was read with.</summary>
    public Reader Reader { get; init; }

    public ObservedImage Observed => new(Image, Reader);
}

public sealed record ServedCheck(ImageReference Image, DateTimeOffset At, Digest Digest, string MediaType) : ImageCheck(Image, At)
{
    /// <summary>What the user should know of how it was read, for example that a credential was not sent; null if there is nothing. Not stored.</summary>
    public string? Note { get; init; }
}

public sealed record FailedCheck(ImageReference Image, DateTimeOffset At, RegistryFailure Failure) : ImageCheck(Image, At);

/// <param name="Message">Message for the plan and the audit: bounded, without secrets.</param>
/// <param name="RetryAt">The registry asked not to be contacted before this time.</param>
public sealed record RegistryFailure(RegistryFailureKind Kind, string Message, DateTimeOffset? RetryAt = null)
{
    /// <summary>False while backing off from the registry: the image was not checked.</summary>
    public bool WasAsked { get; init; } = true;

    /// <summary>Whether other credentials may be answered otherwise. Some registries return 404 instead of 401 for private repositories.</summary>
    public bool MayDependOnCredential => Kind is RegistryFailureKind.Unauthorized or RegistryFailureKind.Forbidden or RegistryFailureKind.NotFound;
}

public enum RegistryFailureKind
{
    Unreachable,
    TimedOut,
    Unauthorized,
    Forbidden,
    NotFound,
    RateLimited,
    ServerError,
    TooLarge,
    InvalidAnswer,
}
