using System.Net;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Kubernetes.Credentials;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Makes calls, with retries. Not a handler inside the client library, because an attempt includes reading the response body, and each
/// attempt has its own timeout and credential.
/// </summary>
internal sealed class ApiCalls(KubernetesConnection connection, ClusterClientOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly CredentialSource credentials = connection.CreateCredentials(time, logger);
    private readonly ApiConnections connections = new(connection, logger);

    public async Task<Result<TAnswer, KubernetesFailure>> MakeAsync<TAnswer>(ApiCall<TAnswer> call, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var rules = new RetryRules(call.IsWrite);
        var mayHaveArrived = false;
        while (true)
        {
            if ((await AttemptAsync(call, cancellationToken)).IsSuccess(out var answer, out var attempt))
                return answer;

            // If the first attempt took effect, the second fails with a conflict, so one lost response makes the whole call uncertain.
            mayHaveArrived |= attempt.Failure.MayHaveArrived;
            if (rules.Next(attempt) is not { } delay)
                return attempt.Failure with { MayHaveArrived = mayHaveArrived };

            CallLog.TriedAgain(logger, call.Method.Method, call.Path, delay, attempt.Failure.Message);
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    /// <summary>Does not retry.</summary>
    public async Task<Result<TAnswer, KubernetesFailure>> MakeOnceAsync<TAnswer>(ApiCall<TAnswer> call, CancellationToken cancellationToken)
        where TAnswer : class =>
        (await AttemptAsync(call, cancellationToken)).IsSuccess(out var answer, out var attempt) ? answer : attempt.Failure;

    public void Dispose() => connections.Dispose();

    private async Task<Result<TAnswer, FailedAttempt>> AttemptAsync<TAnswer>(ApiCall<TAnswer> call, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var timeout = call.Timeout ?? options.RequestTimeout;
        if (!(await credentials.GetAsync(cancellationToken)).IsSuccess(out var credential, out var problem))
            return new FailedAttempt(new KubernetesFailure(KubernetesFailureKind.Unauthorized, problem));

        using var borrowed = connections.Borrow(credential.Certificate);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var answer = await call.MakeAsync(new ApiAttempt(borrowed.Api, new CallHeaders(credential.Authorization), linked.Token));
            return answer is null ? NotKubernetes(call) : answer;
        }
        catch (HttpOperationException exception)
        {
            return Refused(exception.Response, call.IsWrite, credential);
        }
        catch (JsonException)
        {
            // The exception's message is left out: it could quote the response, which may be a Secret.
            return NotKubernetes(call);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && !deadline.IsCancellationRequested)
        {
            // .NET reports a connect timeout in this way. Without the TimeoutException, the call was cut off at an unknown point.
            var lost = call.IsWrite && exception.InnerException is not TimeoutException;
            return new FailedAttempt(FailureReader.NoConnection(connection) with { MayHaveArrived = lost }) { Broke = true };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new FailedAttempt(new KubernetesFailure(
                KubernetesFailureKind.TimedOut, $"the Kubernetes API timed out after {timeout.TotalSeconds:0} s", call.IsWrite));
        }
        catch (HttpRequestException exception)
        {
            var lost = call.IsWrite && !FailureReader.BeforeSending(exception);
            return new FailedAttempt(FailureReader.Unreachable(exception, connection) with { MayHaveArrived = lost })
            {
                Broke = FailureReader.MayPass(exception),
            };
        }
        // InvalidDataException: the compressed response is damaged.
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            var message = $"the response of the Kubernetes API was cut off: {UntrustedText.Bound(exception.Message)}";
            return new FailedAttempt(new KubernetesFailure(KubernetesFailureKind.Unreachable, message, call.IsWrite)) { Broke = true };
        }
    }

    private FailedAttempt Refused(HttpResponseMessageWrapper response, bool isWrite, Credential credential)
    {
        var failure = FailureReader.Of(response);
        return new FailedAttempt(failure with { MayHaveArrived = isWrite && failure.Kind == KubernetesFailureKind.ServerError })
        {
            AskedToWait = RetryRules.AskedToWait(response, time),
            MayRenew = response.StatusCode == HttpStatusCode.Unauthorized && credentials.Refused(credential),
        };
    }

    private static FailedAttempt NotKubernetes<TAnswer>(ApiCall<TAnswer> call)
        where TAnswer : class => new(new KubernetesFailure(
            KubernetesFailureKind.InvalidAnswer, $"invalid response from {UntrustedText.Bound(call.Path)}: not a Kubernetes API response", call.IsWrite));
}
