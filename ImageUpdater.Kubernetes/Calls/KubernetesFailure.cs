namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Why the API gave no answer, or not the one asked for.</summary>
/// <param name="Message">Plain words, the API's own where it sent a Status; bounded.</param>
/// <param name="MayHaveArrived">
/// A write of which nobody knows whether it took effect: its answer was lost, or a server error came in its stead, on this attempt or
/// on one before it. Read the object before anything else is decided, even when the last answer was a conflict.
/// </param>
internal sealed record KubernetesFailure(KubernetesFailureKind Kind, string Message, bool MayHaveArrived = false);

internal enum KubernetesFailureKind
{
    NotFound,
    Conflict,
    Forbidden,
    Unauthorized,
    Unreachable,
    TimedOut,
    Invalid,
    RateLimited,
    ServerError,
    Gone,
    InvalidAnswer,
}
