using System.Net;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>Why a request failed.</summary>
/// <param name="Status">Status code of the registry's response; null if there was none, or if the token server refused.</param>
/// <param name="MayPass">A retry may succeed.</param>
/// <param name="MayDependOnCredential">Another credential may succeed.</param>
internal sealed record Refusal(RegistryFailure Failure, HttpStatusCode? Status = null, bool MayPass = false, bool MayDependOnCredential = false)
{
    /// <summary>The response had a <c>WWW-Authenticate</c> header.</summary>
    public bool IsChallenged { get; init; }

    /// <summary>The credential was not sent, because the token server is not the registry's.</summary>
    public Uri? WithheldFrom { get; init; }
}

/// <summary>
/// How a handler reports a failure: HttpMessageHandler can only return a response or throw. Senders turn the exception into a value with
/// <see cref="Sending.AsValueAsync"/>, so it never leaves <see cref="ImageUpdater.Registry"/>.
/// </summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Failure.Message)
{
    public RefusedException(RegistryFailure failure)
        : this(new Refusal(failure))
    {
    }

    public Refusal Refusal => refusal;
}

internal static class Sending
{
    /// <summary>The only place that turns the exception into a failure value.</summary>
    public static async Task<Result<HttpResponseMessage, Refusal>> AsValueAsync(this Task<HttpResponseMessage> sending)
    {
        try
        {
            return await sending;
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }
}
