using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Kubernetes.Connection;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Accesses the API of the Sandbox's cluster or a real one, with plain JSON over HTTP, according to the kubeconfig.</summary>
public sealed class ClusterApi : IDisposable
{
    private readonly HttpClient http;

    private ClusterApi(HttpClient http) => this.http = http;

    public static ClusterApi Connect(string kubeconfig)
    {
        var loaded = KubernetesConnection.Load(kubeconfig, context: null, _ => null);
        if (!loaded.IsSuccess(out var connection, out var problem))
            throw new InvalidOperationException(problem);

        var client = new HttpClient(Connections.Handler(connection, connection.Certificate)) { BaseAddress = connection.Endpoint.Server };
        if (connection.User.Token is { Length: > 0 } token)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ClusterApi(client);
    }

    public async Task<JsonNode> CreateAsync(string path, JsonNode body) => await SendAsync(HttpMethod.Post, path, body, "application/json");

    public async Task<JsonNode> GetAsync(string path) => await SendAsync(HttpMethod.Get, path, body: null, contentType: null);

    /// <param name="manager">The field manager; null for the client's default.</param>
    public async Task<JsonNode> MergeAsync(string path, JsonNode body, string? manager = null) =>
        await SendAsync(HttpMethod.Patch, manager is null ? path : $"{path}?fieldManager={manager}", body, "application/merge-patch+json");

    /// <summary>A server-side apply without force, as by <c>helm upgrade</c> of Helm 4.</summary>
    /// <returns>The conflict; empty if there is none.</returns>
    public async Task<string> ApplyAsync(string path, JsonNode body, string manager)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/apply-patch+yaml");
        using var answer = await http.PatchAsync(new Uri($"{path}?fieldManager={manager}", UriKind.Relative), content);
        if (answer.StatusCode == HttpStatusCode.Conflict)
            return await answer.Content.ReadAsStringAsync();
        await ReadAsync(answer, $"APPLY {path}");
        return "";
    }

    /// <summary>Succeeds if the object does not exist.</summary>
    public async Task DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
        if (answer.StatusCode != HttpStatusCode.NotFound)
            await ReadAsync(answer, $"DELETE {path}");
    }

    public async Task<bool> ExistsAsync(string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode != HttpStatusCode.NotFound;
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, string? contentType)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType!);
        using var answer = await http.SendAsync(request);
        return await ReadAsync(answer, $"{method} {path}");
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, string what)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{what}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
