using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox.Cluster.Api;

internal static class Responses
{
    public static Task WriteAsync(this HttpResponse response, Outcome<StoredObject> outcome, int code = 200) =>
        outcome.Value is { } stored ? response.WriteAsync(stored.Json, code) : response.WriteAsync(outcome.Failure!);

    public static Task WriteAsync(this HttpResponse response, ApiStatus status) => response.WriteAsync(status.ToJson(), status.Code);

    /// <summary>Reads the body as text, and adds it to the request log.</summary>
    public static async Task<string> ReadTextAsync(this HttpRequest request, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellationToken);
        request.HttpContext.Items[RequestLog.BodyKey] = text;
        return text;
    }

    /// <summary>Parses an object, or returns the API server's error.</summary>
    public static Outcome<JsonObject> Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject node ? node : ApiStatus.BadRequest("the request body is not an object");
        }
        catch (JsonException problem)
        {
            return ApiStatus.BadRequest($"error decoding the request body: {problem.Message}");
        }
    }
}
