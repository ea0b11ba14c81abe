namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Why a Kubernetes API call failed.</summary>
/// <param name="Message">The API's own message if it sent a Status; bounded.</param>
/// <param name="MayHaveArrived">
/// It is unknown whether the write took effect: the response was lost or was a server error, on this attempt or an earlier one. Read the
/// object before deciding anything else, even if the last response was a conflict.
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
