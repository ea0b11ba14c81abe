using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

internal sealed class ManifestEndpoints(ImageStore store, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context, RegistryTarget target, RegistryFault? fault, CancellationToken cancel)
    {
        switch (context.Request.Method)
        {
            case "GET" or "HEAD":
                await SendAsync(context, target, fault, cancel);
                break;
            case "PUT":
                await PutAsync(context, target, cancel);
                break;
            case "DELETE":
                bool gone = store.Find(target.Repository)?.Delete(target.Reference) == true;
                if (gone) context.Response.StatusCode = StatusCodes.Status202Accepted;
                else await RegistryErrors.WriteAsync(context.Response, 404, cancel);
                break;
            default:
                await RegistryErrors.WriteAsync(context.Response, 405, cancel);
                break;
        }
    }

    private async Task SendAsync(HttpContext context, RegistryTarget target, RegistryFault? fault, CancellationToken cancel)
    {
        if (store.Find(target.Repository, target.Reference) is not { } manifest)
        {
            await RegistryErrors.WriteAsync(context.Response, 404, cancel);
            return;
        }

        HttpResponse response = context.Response;
        response.ContentType = manifest.MediaType;
        if (fault is not { OmitDigest: true }) response.Headers["Docker-Content-Digest"] = fault?.Digest ?? manifest.Digest;
        response.Headers.ETag = $"\"{manifest.Digest}\"";
        ReadOnlyMemory<byte> bytes = fault?.Body is { } body ? Encoding.UTF8.GetBytes(body) : manifest.Bytes;
        if (fault?.PadTo is { } size && size > bytes.Length) bytes = Pad(bytes, size);
        await BodyWriter.WriteAsync(context, bytes, fault, time, cancel);
    }

    private static byte[] Pad(ReadOnlyMemory<byte> bytes, int size)
    {
        var padded = new byte[size];
        padded.AsSpan().Fill((byte)' ');
        bytes.Span.CopyTo(padded);
        return padded;
    }

    private async Task PutAsync(HttpContext context, RegistryTarget target, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancel);
        byte[] bytes = buffer.ToArray();
        string digest = Digests.Of(bytes);
        if (Digests.IsDigest(target.Reference) && target.Reference != digest)
        {
            await RegistryErrors.WriteAsync(context.Response, 400, "DIGEST_INVALID", "provided digest did not match uploaded content", cancel);
            return;
        }

        if (Missing(target.Repository, bytes, out string? mediaType) is { } problem)
        {
            await RegistryErrors.WriteAsync(context.Response, 400, problem.Code, problem.Message, cancel);
            return;
        }

        string type = context.Request.ContentType?.Split(';')[0] ?? mediaType ?? MediaTypes.OciManifest;
        string? tag = Digests.IsDigest(target.Reference) ? null : target.Reference;
        store.Open(target.Repository).Put(new Manifest(digest, type, bytes), tag);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v2/{target.Repository}/manifests/{digest}";
        context.Response.Headers["Docker-Content-Digest"] = digest;
    }

    /// <summary>A manifest is taken only when all that it names is here.</summary>
    private (string Code, string Message)? Missing(string repository, byte[] bytes, out string? mediaType)
    {
        mediaType = null;
        try
        {
            if (JsonNode.Parse(bytes) is not JsonObject manifest) return ("MANIFEST_INVALID", "manifest invalid");
            mediaType = manifest["mediaType"]?.GetValue<string>();
            IEnumerable<string?> blobs = Digests([.. manifest["layers"]?.AsArray() ?? [], manifest["config"]]);
            if (blobs.Any(digest => digest is not null && !store.Blobs.ContainsKey(digest)))
                return ("MANIFEST_BLOB_UNKNOWN", "blob unknown to registry");
            IEnumerable<string?> children = Digests([.. manifest["manifests"]?.AsArray() ?? []]);
            return children.Any(digest => digest is not null && store.Find(repository, digest) is null)
                ? ("MANIFEST_BLOB_UNKNOWN", "manifest unknown to registry")
                : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return ("MANIFEST_INVALID", "manifest invalid");
        }

        static IEnumerable<string?> Digests(IEnumerable<JsonNode?> descriptors) =>
            descriptors.Select(descriptor => descriptor?["digest"]?.GetValue<string>());
    }
}
