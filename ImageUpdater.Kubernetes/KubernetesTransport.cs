using System.Net;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Http;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes;

/// <summary>Sends one request until it is answered or its retries are used up.</summary>
internal sealed class KubernetesTransport : IDisposable
{
    private readonly KubernetesConnection connection;
    private readonly CredentialSource credentials;
    private readonly KubernetesClientOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private HttpClient http;
    private ClientCertificate? certificate;

    public KubernetesTransport(KubernetesConnection connection, KubernetesClientOptions options, TimeProvider time, ILogger logger)
    {
        this.connection = connection;
        this.options = options;
        this.time = time;
        this.logger = logger;
        credentials = connection.CreateCredentials(time, logger);
        certificate = connection.Certificate;
        http = CreateHttp(certificate);
    }

    public async Task<Result<TAnswer, KubernetesFailure>> SendAsync<TAnswer>(
        KubernetesRequest<TAnswer> request, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var rules = new RetryRules(request.IsWrite);
        var mayHaveArrived = false;
        while (true)
        {
            if ((await AttemptAsync(request, (response, token) => ReadAnswerAsync(request, response, token), cancellationToken)).IsSuccess(out var answer, out var attempt))
                return answer;

            // A first attempt that arrived makes the second a conflict: the doubt stays with the call.
            mayHaveArrived |= attempt.Failure.MayHaveArrived;
            if (rules.Next(attempt) is not { } delay)
                return attempt.Failure with { MayHaveArrived = mayHaveArrived };

            KubernetesLog.TriedAgain(logger, request.Method.Method, request.Path, delay, attempt.Failure.Sentence);
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    /// <summary>An answer that is one JSON document after another, for as long as the server sends them. One attempt.</summary>
    /// <param name="take">Answers with a failure to end it.</param>
    /// <returns>Null when the server ended it in good order.</returns>
    public async Task<KubernetesFailure?> StreamAsync<TItem>(
        KubernetesRequest<TItem> request, Action opened, Func<TItem, KubernetesFailure?> take, CancellationToken cancellationToken)
        where TItem : class
    {
        var ended = await AttemptAsync(request, (response, token) => ReadStreamAsync(request, response, opened, take, token), cancellationToken);
        return ended.Failure?.Failure;
    }

    public void Dispose() => http.Dispose();

    private async Task<Result<TRead, FailedAttempt>> AttemptAsync<TAnswer, TRead>(
        KubernetesRequest<TAnswer> request, Func<HttpResponseMessage, CancellationToken, Task<Result<TRead, FailedAttempt>>> read, CancellationToken cancellationToken)
        where TAnswer : class
        where TRead : class
    {
        var timeout = request.Timeout ?? options.RequestTimeout;
        if (!(await credentials.GetAsync(cancellationToken)).IsSuccess(out var credential, out var problem))
            return new FailedAttempt(new KubernetesFailure(KubernetesFailureKind.Unauthorized, problem));

        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var message = request.ToMessage(connection, credential.Authorization);
            using var response = await ClientFor(credential.Certificate).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            LogWarnings(request.Method, request.Path, response);
            return response.IsSuccessStatusCode
                ? await read(response, linked.Token)
                : await ReadFailureAsync(request.IsWrite, response, credential, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && !deadline.IsCancellationRequested)
        {
            return new FailedAttempt(FailureReader.NoConnection(connection)) { Broke = true };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new FailedAttempt(new KubernetesFailure(
                KubernetesFailureKind.TimedOut, $"the Kubernetes API gave no answer within {timeout.TotalSeconds:0} seconds", request.IsWrite));
        }
        catch (HttpRequestException exception)
        {
            var lost = request.IsWrite && !FailureReader.BeforeSending(exception);
            return new FailedAttempt(FailureReader.Unreachable(exception, connection) with { MayHaveArrived = lost })
            {
                Broke = FailureReader.MayPass(exception),
            };
        }
        catch (IOException exception)
        {
            var sentence = $"the answer of the Kubernetes API broke off: {OutsideText.Bound(exception.Message)}";
            return new FailedAttempt(new KubernetesFailure(KubernetesFailureKind.Unreachable, sentence, request.IsWrite)) { Broke = true };
        }
    }

    private static async Task<Result<TAnswer, FailedAttempt>> ReadAnswerAsync<TAnswer>(
        KubernetesRequest<TAnswer> request, HttpResponseMessage response, CancellationToken cancellationToken)
        where TAnswer : class
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            if (await JsonSerializer.DeserializeAsync(stream, request.Answer, cancellationToken) is { } answer)
                return answer;
        }
        catch (JsonException)
        {
            // Said below. The exception's text could quote what was read, a secret for one.
        }

        return NotKubernetes(request);
    }

    private static async Task<Result<object, FailedAttempt>> ReadStreamAsync<TItem>(
        KubernetesRequest<TItem> request, HttpResponseMessage response, Action opened, Func<TItem, KubernetesFailure?> take, CancellationToken cancellationToken)
        where TItem : class
    {
        opened();
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable(stream, request.Answer, topLevelValues: true, cancellationToken))
            {
                if (item is null)
                    return NotKubernetes(request);
                if (take(item) is { } failure)
                    return new FailedAttempt(failure);
            }

            return response;
        }
        catch (JsonException)
        {
            return NotKubernetes(request);
        }
    }

    private static FailedAttempt NotKubernetes<TAnswer>(KubernetesRequest<TAnswer> request)
        where TAnswer : class => new(new KubernetesFailure(
            KubernetesFailureKind.InvalidAnswer, $"what {OutsideText.Bound(request.Path)} answered is not what Kubernetes sends", request.IsWrite));

    private async Task<FailedAttempt> ReadFailureAsync(
        bool isWrite, HttpResponseMessage response, Credential credential, CancellationToken cancellationToken)
    {
        var failure = await FailureReader.ReadAsync(response, cancellationToken);
        return new FailedAttempt(failure with { MayHaveArrived = isWrite && failure.Kind == KubernetesFailureKind.ServerError })
        {
            AskedToWait = RetryRules.AskedToWait(response, time),
            MayRenew = response.StatusCode == HttpStatusCode.Unauthorized && credentials.Refused(credential),
        };
    }

    private void LogWarnings(HttpMethod method, string path, HttpResponseMessage response)
    {
        foreach (var warning in response.Headers.Warning)
            KubernetesLog.Warned(logger, method.Method, path, OutsideText.Bound(warning.Text));
    }

    // A plugin may bring another certificate; connections that were made with the old one must not serve it. The old client is left
    // to its last requests and the collector.
    private HttpClient ClientFor(ClientCertificate? wanted)
    {
        lock (gate)
        {
            if (!ReferenceEquals(certificate, wanted))
                (http, certificate) = (CreateHttp(wanted), wanted);
            return http;
        }
    }

    private HttpClient CreateHttp(ClientCertificate? forCertificate)
    {
        // The timeout is ours, by the injected clock.
        var client = new HttpClient(connection.Endpoint.CreateHandler(forCertificate)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(UserAgent.Product);
        return client;
    }
}
