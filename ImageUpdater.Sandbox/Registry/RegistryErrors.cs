using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>The error body of the distribution specification.</summary>
internal static class RegistryErrors
{
    public static Task WriteAsync(HttpResponse response, int status, string code, string message, CancellationToken cancel)
    {
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        string body = new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString();
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.WriteAsync(body, cancel);
    }

    public static Task WriteAsync(HttpResponse response, int status, CancellationToken cancel) => status switch
    {
        401 => WriteAsync(response, status, "UNAUTHORIZED", "authentication required", cancel),
        403 => WriteAsync(response, status, "DENIED", "requested access to the resource is denied", cancel),
        404 => WriteAsync(response, status, "MANIFEST_UNKNOWN", "manifest unknown", cancel),
        405 => WriteAsync(response, status, "UNSUPPORTED", "the operation is unsupported", cancel),
        429 => WriteAsync(response, status, "TOOMANYREQUESTS", "too many requests", cancel),
        _ => WriteAsync(response, status, "UNKNOWN", "made by the sandbox", cancel),
    };
}
