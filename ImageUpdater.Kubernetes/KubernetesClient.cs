using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes;

/// <summary>The few things that we ask of Kubernetes. Safe for use by many callers at once; one for the program.</summary>
internal sealed partial class KubernetesClient(
    KubernetesConnection connection, TimeProvider time, ILogger<KubernetesClient> logger, KubernetesClientOptions? options = null) : IDisposable
{
    private const int PageSize = 500;
    private const string WriteQuery = "fieldManager=image-updater&fieldValidation=Warn";

    private readonly KubernetesClientOptions options = options ?? new KubernetesClientOptions();
    private readonly KubernetesTransport transport = new(connection, options ?? new KubernetesClientOptions(), time, logger);

    public KubernetesConnection Connection => connection;

    /// <summary>The workloads whose annotation <c>enabled</c> is exactly <c>true</c>, those with the legacy finalizer among them.</summary>
    /// <param name="namespace">Null: all namespaces.</param>
    public async Task<Result<WorkloadList, KubernetesFailure>> ListEnabledWorkloadsAsync(
        WorkloadKind kind, string? @namespace, CancellationToken cancellationToken)
    {
        var path = ApiPath.Workloads(kind, @namespace);
        var read = await ReadPagesAsync(path, selector: null, KubernetesJson.Default.WorkloadPage, cancellationToken);
        if (!read.IsSuccess(out var list, out var failure))
            return failure;

        var images = new ImageTexts();
        var snapshots = new List<WorkloadSnapshot>();
        foreach (var workload in list.Pages.SelectMany(page => page))
        {
            if (WorkloadMapping.ToSnapshot(workload, kind, images) is not { } snapshot)
                return Incomplete(path);
            snapshots.Add(snapshot);
        }

        return new WorkloadList(snapshots, list.Version);
    }

    public async Task<Result<WorkloadSnapshot, KubernetesFailure>> GetWorkloadAsync(WorkloadKey key, CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest<WorkloadObject>(HttpMethod.Get, ApiPath.Workload(key), KubernetesJson.Default.WorkloadObject);
        return await SendWorkloadAsync(key.Kind, request, cancellationToken);
    }

    /// <param name="strategicMergePatch">JSON, as <see cref="WorkloadPatch"/> makes it.</param>
    /// <returns>The workload as it is after the patch.</returns>
    public async Task<Result<WorkloadSnapshot, KubernetesFailure>> PatchWorkloadAsync(
        WorkloadKey key, string strategicMergePatch, CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest<WorkloadObject>(HttpMethod.Patch, ApiPath.Workload(key), KubernetesJson.Default.WorkloadObject)
        {
            Query = WriteQuery,
            Body = Encoding.UTF8.GetBytes(strategicMergePatch),
            ContentType = "application/strategic-merge-patch+json",
        };
        return await SendWorkloadAsync(key.Kind, request, cancellationToken);
    }

    /// <summary>The pods that a workload's selector finds, terminating ones too; those that have ended are left out.</summary>
    public async Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ListPodsAsync(
        string @namespace, string labelSelector, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(labelSelector))
            return new KubernetesFailure(KubernetesFailureKind.Invalid, "without a selector, every pod of the namespace would count");

        return await ReadPodsAsync(@namespace, labelSelector, cancellationToken);
    }

    /// <summary>The same, of a whole namespace, for whoever tells them apart by their owners.</summary>
    public Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ListAllPodsAsync(string @namespace, CancellationToken cancellationToken) =>
        ReadPodsAsync(@namespace, selector: null, cancellationToken);

    /// <summary>What the nodes are, each platform once, sorted.</summary>
    public async Task<Result<IReadOnlyList<Platform>, KubernetesFailure>> ListNodePlatformsAsync(CancellationToken cancellationToken)
    {
        var read = await ReadPagesAsync(ApiPath.Nodes, selector: null, KubernetesJson.Default.NodePage, cancellationToken);
        if (!read.IsSuccess(out var list, out var failure))
            return failure;

        return list.Pages.SelectMany(page => page).Select(PodMapping.ToPlatform).OfType<Platform>().Distinct().Order().ToList();
    }

    public async Task<Result<PullSecret, KubernetesFailure>> GetPullSecretAsync(
        string @namespace, string name, CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest<SecretObject>(
            HttpMethod.Get, ApiPath.Secret(@namespace, name), KubernetesJson.Default.SecretObject);
        if (!(await transport.SendAsync(request, cancellationToken)).IsSuccess(out var secret, out var failure))
            return failure;

        var type = OutsideText.Bound(secret.Type);
        return (secret.Type, secret.Data) switch
        {
            (PullSecret.DockerConfigJson, { DockerConfigJson: { Length: > 0 } data }) => new PullSecret(type, data, IsDockerCfg: false),
            (PullSecret.DockerCfg, { DockerCfg: { Length: > 0 } data }) => new PullSecret(type, data, IsDockerCfg: true),
            _ => new KubernetesFailure(
                KubernetesFailureKind.InvalidAnswer,
                $"secret {@namespace}/{name} of type '{type}' is no pull secret, and the kubelet passes over it: it is not of type "
                + $"{PullSecret.DockerConfigJson} with .dockerconfigjson in it"),
        };
    }

    /// <summary>The names under <c>imagePullSecrets</c> of a service account, in order.</summary>
    public async Task<Result<IReadOnlyList<string>, KubernetesFailure>> GetServiceAccountPullSecretsAsync(
        string @namespace, string name, CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest<ServiceAccountObject>(
            HttpMethod.Get, ApiPath.ServiceAccount(@namespace, name), KubernetesJson.Default.ServiceAccountObject);
        if (!(await transport.SendAsync(request, cancellationToken)).IsSuccess(out var account, out var failure))
            return failure;

        return WorkloadMapping.SecretNames(account.ImagePullSecrets);
    }

    /// <summary>Losing an event is no error of the work that it tells of.</summary>
    /// <returns>The event's name.</returns>
    public async Task<Result<string, KubernetesFailure>> CreateEventAsync(WorkloadEvent source, CancellationToken cancellationToken)
    {
        var body = EventObject.Of(source, options.ReportingInstance, Guid.NewGuid().ToString("n")[..16]);
        var request = new KubernetesRequest<EventObject>(
            HttpMethod.Post, ApiPath.Events(source.Workload.Namespace), KubernetesJson.Default.EventObject)
        {
            Query = WriteQuery,
            Body = JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.EventObject),
        };
        return (await transport.SendAsync(request, cancellationToken)).IsSuccess(out _, out var failure) ? body.Metadata.Name : failure;
    }

    public void Dispose() => transport.Dispose();

    private async Task<Result<IReadOnlyList<PodSnapshot>, KubernetesFailure>> ReadPodsAsync(
        string @namespace, string? selector, CancellationToken cancellationToken)
    {
        var read = await ReadPagesAsync(ApiPath.Pods(@namespace), selector, KubernetesJson.Default.PodPage, cancellationToken);
        if (!read.IsSuccess(out var list, out var failure))
            return failure;

        return list.Pages.SelectMany(page => page).Where(pod => !PodMapping.HasEnded(pod)).Select(PodMapping.ToSnapshot).ToList();
    }

    private async Task<Result<WorkloadSnapshot, KubernetesFailure>> SendWorkloadAsync(
        WorkloadKind kind, KubernetesRequest<WorkloadObject> request, CancellationToken cancellationToken)
    {
        if (!(await transport.SendAsync(request, cancellationToken)).IsSuccess(out var workload, out var failure))
            return failure;

        return WorkloadMapping.ToSnapshot(workload, kind, new ImageTexts()) is { } snapshot
            ? snapshot
            : Incomplete(request.Path) with { MayHaveArrived = request.IsWrite };
    }

    /// <summary>Page by page. When the list moves on too far meanwhile (410), again and in one piece, as client-go does.</summary>
    private async Task<Result<WholeList<TItems>, KubernetesFailure>> ReadPagesAsync<TItems>(
        string path, string? selector, JsonTypeInfo<ListPage<TItems>> type, CancellationToken cancellationToken)
        where TItems : class
    {
        var filter = selector is null ? "" : $"labelSelector={ApiPath.Escape(selector)}";
        var pages = new List<TItems>();
        var next = "";
        while (true)
        {
            var request = new KubernetesRequest<ListPage<TItems>>(HttpMethod.Get, path, type)
            {
                Query = Join(filter, $"limit={PageSize}", next.Length == 0 ? "" : $"continue={ApiPath.Escape(next)}"),
            };
            var read = await transport.SendAsync(request, cancellationToken);
            if (read.Failure is { Kind: KubernetesFailureKind.Gone } && next.Length > 0)
            {
                KubernetesLog.ListExpired(logger, path);
                pages.Clear();
                read = await transport.SendAsync(request with { Query = filter, Timeout = options.WholeListTimeout }, cancellationToken);
            }

            if (!read.IsSuccess(out var page, out var failure))
                return failure;
            if (page.Items is not null)
                pages.Add(page.Items);

            var token = page.Metadata?.Continue ?? "";
            if (token.Length == 0)
                return new WholeList<TItems>(pages, page.Metadata?.ResourceVersion ?? "");
            if (token == next)
                return new KubernetesFailure(KubernetesFailureKind.InvalidAnswer, $"the list {path} goes round in circles");
            next = token;
        }
    }

    private static string Join(params ReadOnlySpan<string> parts)
    {
        var query = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Length > 0)
                query.Append(query.Length == 0 ? "" : "&").Append(part);
        }

        return query.ToString();
    }

    private static KubernetesFailure Incomplete(string path) =>
        new(KubernetesFailureKind.InvalidAnswer, $"what {path} answered lacks a name, a uid or a resourceVersion");

    private sealed record WholeList<TItems>(List<TItems> Pages, string Version);
}
