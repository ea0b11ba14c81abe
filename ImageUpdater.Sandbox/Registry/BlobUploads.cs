using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Blob uploads: in one piece (POST with a digest, or POST and PUT), or in chunks (POST, PATCH…, PUT).</summary>
internal sealed class BlobUploads(ImageStore store)
{
    private readonly ConcurrentDictionary<string, MemoryStream> running = new();

    public async Task HandleAsync(HttpContext context, RegistryTarget target, CancellationToken cancel)
    {
        HttpRequest request = context.Request;
        switch (request.Method)
        {
            case "POST":
                string id = Guid.NewGuid().ToString();
                running[id] = new MemoryStream();
                if (request.Query["digest"].ToString() is { Length: > 0 }) await FinishAsync(context, target, id, cancel);
                else Accepted(context.Response, target, id, 0);
                break;
            case "PATCH" when running.TryGetValue(target.Reference, out MemoryStream? upload):
                await request.Body.CopyToAsync(upload, cancel);
                Accepted(context.Response, target, target.Reference, upload.Length);
                break;
            case "GET" when running.TryGetValue(target.Reference, out MemoryStream? upload):
                Accepted(context.Response, target, target.Reference, upload.Length);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case "PUT" when running.ContainsKey(target.Reference):
                await FinishAsync(context, target, target.Reference, cancel);
                break;
            case "DELETE" when running.TryRemove(target.Reference, out _):
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                await RegistryErrors.WriteAsync(context.Response, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", cancel);
                break;
        }
    }

    private async Task FinishAsync(HttpContext context, RegistryTarget target, string id, CancellationToken cancel)
    {
        if (!running.TryRemove(id, out MemoryStream? upload)) return;
        await context.Request.Body.CopyToAsync(upload, cancel);
        byte[] bytes = upload.ToArray();
        string digest = Digests.Of(bytes);
        if (context.Request.Query["digest"] != digest)
        {
            await RegistryErrors.WriteAsync(context.Response, 400, "DIGEST_INVALID", "provided digest did not match uploaded content", cancel);
            return;
        }

        store.Blobs[digest] = bytes;
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v2/{target.Repository}/blobs/{digest}";
        context.Response.Headers["Docker-Content-Digest"] = digest;
    }

    private static void Accepted(HttpResponse response, RegistryTarget target, string id, long length)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = $"/v2/{target.Repository}/blobs/uploads/{id}";
        response.Headers["Docker-Upload-UUID"] = id;
        response.Headers.Range = $"0-{Math.Max(0, length - 1)}";
    }
}
