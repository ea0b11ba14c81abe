using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.IntegrationTests.Sandbox;

/// <summary>A response of the sandbox: status code, headers, and the body if it is JSON.</summary>
internal sealed record Answer(int Status, HttpResponseHeaders Headers, HttpContentHeaders Content, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Reason => (string?)Json["reason"];

    public string? Message => (string?)Json["message"];
}

/// <summary>Sends plain HTTP requests.</summary>
internal sealed class SandboxHttp(Uri server) : IDisposable
{
    public const string Strategic = "application/strategic-merge-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Apply = "application/apply-patch+yaml";
    public const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server, DefaultRequestVersion = HttpVersion.Version11 };

    public Task<Answer> GetAsync(string path, string? authorization = null) => SendAsync(HttpMethod.Get, path, authorization: authorization);

    public Task<Answer> PatchAsync(string path, string body, string type = Strategic) => SendAsync(HttpMethod.Patch, path, body, type);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json", string? authorization = null, string? userAgent = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        if (authorization is not null) request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
        if (accept is not null) request.Headers.Accept.ParseAdd(accept);
        if (userAgent is not null) request.Headers.UserAgent.ParseAdd(userAgent);
        using HttpResponseMessage response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }

    public async Task<StreamReader> StreamAsync(string path) => new(await http.GetStreamAsync(path));

    public void Dispose() => http.Dispose();
}
