using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Http;

internal static class JsonAnswers
{
    public const string Json = "application/json";

    public static Task WriteAsync(this HttpResponse response, JsonNode node, int status = 200) =>
        response.WriteAsync(Encoding.UTF8.GetBytes(node.ToJsonString()), status);

    public static async Task WriteAsync(this HttpResponse response, ReadOnlyMemory<byte> json, int status)
    {
        response.StatusCode = status;
        response.ContentType = Json;
        response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method)) await response.Body.WriteAsync(json, response.HttpContext.RequestAborted);
    }
}
