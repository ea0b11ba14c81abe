using System.Net;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Web;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

/// <summary>The controller that uses the state store, asked at the configured address with the token beside the store.</summary>
internal sealed class RunningController(ServingOptions serving, ApiToken token)
{
    // Longer than the controller lets a request wait.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    /// <summary>Checks the images of the selection now, as part of a cycle.</summary>
    public async Task<Result<CheckedImageDocument[], string>> CheckAsync(CheckSelection selection, CancellationToken cancellationToken)
    {
        var asked = await PostAsync(
            ActionEndpoints.CheckPath,
            [
                ("image", selection.Image?.ToString()), ("kind", selection.Kind is { } kind ? WorkloadKey.KindName(kind) : null), ("name", selection.Name),
                (QueryParameters.Namespace, selection.Namespace),
            ],
            cancellationToken);
        return asked.IsSuccess(out var json, out var problem) ? CheckedImageList.Read(Encoding.UTF8.GetString(json)) : problem;
    }

    public async Task<Result<StoredPlanDocument, string>> PlanAsync(string? @namespace, bool refresh, CancellationToken cancellationToken)
    {
        var asked = await PostAsync(ActionEndpoints.PlanPath, [(QueryParameters.Namespace, @namespace), ("refresh", refresh ? null : "false")], cancellationToken);
        return asked.IsSuccess(out var json, out var problem) ? PlanJson.Read(Encoding.UTF8.GetString(json)) : problem;
    }

    private async Task<Result<byte[], string>> PostAsync(string path, (string Name, string? Value)[] parameters, CancellationToken cancellationToken)
    {
        if (!token.Read().IsSuccess(out var secret, out var unread))
            return $"cannot ask the controller: {unread}";

        var query = string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));
        var address = new Uri(serving.Listen.Url, path + (query.Length == 0 ? "" : $"?{query}"));
        // The address is this machine's: no proxy, and nobody is followed elsewhere with the token.
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = 3L * PlanJson.MaxLength };
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Headers = { Authorization = secret.Authorization } };
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
                return body;

            var text = UntrustedText.Bound(Encoding.UTF8.GetString(body).Trim());
            return answer.StatusCode == HttpStatusCode.NotFound && text.StartsWith("no ", StringComparison.Ordinal)
                ? text
                : $"the controller at {serving.Listen.Url} answered {(int)answer.StatusCode}: {text}";
        }
        catch (HttpRequestException exception)
        {
            return $"no controller answers at {serving.Listen.Url} ({UntrustedText.Bound(exception.Message)}); set ImageUpdater__Listen as for run";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"the controller at {serving.Listen.Url} timed out after {Patience.TotalSeconds:0} s";
        }
    }
}
