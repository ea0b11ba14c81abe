using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Kubernetes.Objects;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes;

/// <summary>The Kubernetes API calls that ImageUpdater makes. Thread-safe; one instance per process.</summary>
internal sealed partial class ClusterClient : IDisposable
{
    public const string FieldManager = "image-updater";
    private const string FieldValidation = "Warn";

    private readonly ClusterClientOptions options;
    private readonly TimeProvider time;
    private readonly ApiCalls calls;
    private readonly PagedLists lists;

    public ClusterClient(KubernetesConnection connection, TimeProvider time, ILogger<ClusterClient> logger, ClusterClientOptions? options = null)
    {
        Connection = connection;
        this.options = options ?? new ClusterClientOptions();
        this.time = time;
        calls = new ApiCalls(connection, this.options, time, logger);
        lists = new PagedLists(calls, this.options, logger);
    }

    public KubernetesConnection Connection { get; }

    /// <summary>The pods that the selector matches, including terminating ones, without Failed and Succeeded ones.</summary>
    public async Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ListPodsAsync(
        string @namespace, string labelSelector, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(labelSelector))
            return new KubernetesFailure(KubernetesFailureKind.Invalid, "the pod selector is empty; it would select every pod of the namespace");

        return await ReadPodsAsync(@namespace, labelSelector, cancellationToken);
    }

    /// <summary>All pods of a namespace, for callers that group them by owner.</summary>
    public Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ListAllPodsAsync(string @namespace, CancellationToken cancellationToken) =>
        ReadPodsAsync(@namespace, selector: null, cancellationToken);

    public async Task<Result<PullSecret, KubernetesFailure>> GetPullSecretAsync(
        string @namespace, string name, CancellationToken cancellationToken)
    {
        if (ResourceName.Refusal(@namespace, name) is { } refusal)
            return refusal;

        var call = new ApiCall<V1Secret>(HttpMethod.Get, $"/api/v1/namespaces/{@namespace}/secrets/{name}", async attempt =>
        {
            using var answer = await attempt.Api.CoreV1.ReadNamespacedSecretWithHttpMessagesAsync(
                name, @namespace, customHeaders: attempt.Headers, cancellationToken: attempt.Token);
            return answer.Body;
        });
        return (await calls.MakeAsync(call, cancellationToken)).IsSuccess(out var secret, out var failure)
            ? PullSecret.Of(secret, $"{@namespace}/{name}")
            : failure;
    }

    /// <summary>The names in <c>imagePullSecrets</c> of a service account, in order.</summary>
    public async Task<Result<IReadOnlyList<string>, KubernetesFailure>> GetServiceAccountPullSecretsAsync(
        string @namespace, string name, CancellationToken cancellationToken)
    {
        if (ResourceName.Refusal(@namespace, name) is { } refusal)
            return refusal;

        var call = new ApiCall<V1ServiceAccount>(HttpMethod.Get, $"/api/v1/namespaces/{@namespace}/serviceaccounts/{name}", async attempt =>
        {
            using var answer = await attempt.Api.CoreV1.ReadNamespacedServiceAccountWithHttpMessagesAsync(
                name, @namespace, customHeaders: attempt.Headers, cancellationToken: attempt.Token);
            return answer.Body;
        });
        return (await calls.MakeAsync(call, cancellationToken)).IsSuccess(out var account, out var failure)
            ? (account.ImagePullSecrets ?? []).Select(reference => reference.Name).Where(secret => !string.IsNullOrEmpty(secret)).ToArray()
            : failure;
    }

    /// <summary>Idempotent: the name is derived from the content, so sending the same event again does not create a second one.</summary>
    /// <returns>The event's name.</returns>
    public async Task<Result<string, KubernetesFailure>> CreateEventAsync(WorkloadEvent source, CancellationToken cancellationToken)
    {
        var @namespace = source.Workload.Namespace;
        if (ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var body = EventMapping.ToEvent(source, options.ReportingInstance);
        var call = new ApiCall<Eventsv1Event>(HttpMethod.Post, $"/apis/events.k8s.io/v1/namespaces/{@namespace}/events", async attempt =>
        {
            using var answer = await attempt.Api.EventsV1.CreateNamespacedEventWithHttpMessagesAsync(
                body, @namespace, fieldManager: FieldManager, fieldValidation: FieldValidation, customHeaders: attempt.Headers, cancellationToken: attempt.Token);
            return answer.Body;
        });
        // A conflict means that the event already exists.
        return (await calls.MakeAsync(call, cancellationToken)).IsSuccess(out _, out var failure) || failure.Kind == KubernetesFailureKind.Conflict
            ? body.Metadata.Name
            : failure;
    }

    public void Dispose() => calls.Dispose();

    private async Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ReadPodsAsync(
        string @namespace, string? selector, CancellationToken cancellationToken)
    {
        if (ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var read = await lists.ReadAsync($"/api/v1/namespaces/{@namespace}/pods", async (page, attempt) =>
        {
            using var answer = await attempt.Api.CoreV1.ListNamespacedPodWithHttpMessagesAsync(
                @namespace, labelSelector: selector, limit: page.Limit, continueParameter: page.Continue,
                customHeaders: attempt.Headers, cancellationToken: attempt.Token);
            return answer.Body is { } pods ? PageOf(pods) : null;
        }, cancellationToken);
        return read.IsSuccess(out var list, out var failure) ? list.Items : failure;
    }

    // Maps each page at once, so that the large library objects of only one page are in memory.
    private static Page<PodSnapshot> PageOf(V1PodList list) => new(
        [.. (list.Items ?? []).Where(pod => pod is not null && !PodMapping.HasEnded(pod)).Select(PodMapping.ToSnapshot)],
        list.Metadata?.ContinueProperty, list.Metadata?.ResourceVersion);
}
