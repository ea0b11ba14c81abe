using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>One question to a registry, what does this tag serve now, and its answer.</summary>
public abstract record ImageCheck(ImageReference Image, DateTimeOffset At);

public sealed record ServedCheck(ImageReference Image, DateTimeOffset At, Digest Digest, string MediaType) : ImageCheck(Image, At);

public sealed record FailedCheck(ImageReference Image, DateTimeOffset At, RegistryFailure Failure) : ImageCheck(Image, At);

/// <param name="Message">Plain words for the plan and the audit, bounded, without secrets.</param>
/// <param name="RetryAt">The registry asked to be left alone until then.</param>
public sealed record RegistryFailure(RegistryFailureKind Kind, string Message, DateTimeOffset? RetryAt = null)
{
    /// <summary>False where the registry is left alone for now: that says nothing new of the image, and is no check of it.</summary>
    public bool WasAsked { get; init; } = true;
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
