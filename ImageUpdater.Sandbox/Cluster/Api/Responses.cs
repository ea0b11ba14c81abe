using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

internal static class Responses
{
    public const string Json = "application/json";

    public static Task WriteAsync(this HttpResponse response, StoredObject stored, int code = 200) =>
        response.WriteBytesAsync(stored.Json, code);

    public static Task WriteAsync(this HttpResponse response, ApiStatus status) => response.WriteAsync(status.ToJson(), status.Code);

    public static Task WriteAsync(this HttpResponse response, JsonNode node, int code = 200) =>
        response.WriteBytesAsync(Encoding.UTF8.GetBytes(node.ToJsonString()), code);

    public static Task WriteNoPageAsync(this HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        response.ContentType = "text/plain; charset=utf-8";
        return HttpResponseWritingExtensions.WriteAsync(response, "404 page not found\n", response.HttpContext.RequestAborted);
    }

    public static async Task WriteBytesAsync(this HttpResponse response, ReadOnlyMemory<byte> json, int code)
    {
        response.StatusCode = code;
        response.ContentType = Json;
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, response.HttpContext.RequestAborted);
    }

    /// <summary>The body as text; it goes to the request log too.</summary>
    public static async Task<string> ReadTextAsync(this HttpRequest request, CancellationToken cancel)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        string text = await reader.ReadToEndAsync(cancel);
        request.HttpContext.Items[Http.RequestBody.Key] = text;
        return text;
    }

    /// <summary>The tree, or null with the API server's answer to what is no JSON.</summary>
    public static JsonNode? Parse(string text, out ApiStatus? failure)
    {
        failure = null;
        try
        {
            if (JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is { } node) return node;
            failure = ApiStatus.BadRequest("the request body is empty");
        }
        catch (JsonException problem)
        {
            failure = ApiStatus.BadRequest($"error decoding the request body: {problem.Message}");
        }

        return null;
    }
}
