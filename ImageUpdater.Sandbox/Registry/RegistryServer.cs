using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Implements the parts of the OCI distribution specification that pulls and pushes need, with injected faults.</summary>
internal sealed class RegistryServer(SandboxRegistryOptions options, ImageStore store)
{
    private readonly Authority authority = new(options);
    private readonly ConcurrentDictionary<string, MemoryStream> uploads = new();

    public async Task HandleAsync(HttpContext context, RegistryFault? fault, CancellationToken cancellationToken)
    {
        var (request, response) = (context.Request, context.Response);
        if (fault is not null && await FailAsync(context, fault)) return;

        response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        // Repository names contain slashes, so paths are parsed from the end.
        var path = request.Path.Value!.Trim('/').Split('/');
        if (path is ["token"] && options.Auth == RegistryAuth.Bearer)
        {
            await (authority.Issue(request, fault) is { } answer ? response.WriteAsync(answer) : RefuseAsync(response, 401));
            return;
        }

        var end = Array.FindLastIndex(path, part => part is "manifests" or "blobs");
        var repository = end > 1 ? string.Join('/', path[1..end]) : null;
        if (authority.Challenge(request, repository) is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
            await RefuseAsync(response, 401);
            return;
        }

        await ((request.Method, path, path[Math.Max(0, end)..]) switch
        {
            ("GET" or "HEAD", ["v2"], _) => response.WriteAsync(new JsonObject()),
            (_, _, [_, ..]) when repository is null => RefuseAsync(response, 404),
            ("GET" or "HEAD", _, ["manifests", var reference]) => SendManifestAsync(context, repository!, reference, fault, cancellationToken),
            ("PUT", _, ["manifests", var reference]) => TakeManifestAsync(context, repository!, reference, cancellationToken),
            (_, _, ["blobs", "uploads", .. var id]) => UploadAsync(context, repository!, id.FirstOrDefault(""), cancellationToken),
            ("GET" or "HEAD", _, ["blobs", var digest]) => SendBlobAsync(context, digest, fault, cancellationToken),
            _ => RefuseAsync(response, 404),
        });
    }

    /// <summary>Sends the response of a fault. Returns false if the request should be handled normally.</summary>
    private static async Task<bool> FailAsync(HttpContext context, RegistryFault fault)
    {
        var response = context.Response;
        foreach (var (name, value) in fault.Headers) response.Headers[name] = value;
        if (fault.RetryAfter is not null) response.Headers.RetryAfter = fault.RetryAfter;
        if (fault.RedirectTo is not null)
        {
            var target = context.Request.Path.ToUriComponent() + context.Request.QueryString.Value;
            response.StatusCode = fault.Status ?? StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = fault.RedirectTo.Replace("{target}", target, StringComparison.Ordinal);
            return true;
        }

        if (fault.Challenges.Count > 0) response.Headers.WWWAuthenticate = fault.Challenges.ToArray();
        if ((fault.Status ?? (fault.Challenges.Count > 0 ? 401 : null)) is not { } status) return false;
        await RefuseAsync(response, status);
        return true;
    }

    private async Task SendManifestAsync(
        HttpContext context, string repository, string reference, RegistryFault? fault, CancellationToken cancellationToken)
    {
        var response = context.Response;
        if (store.Find(repository, reference) is not { } manifest)
        {
            await RefuseAsync(response, 404);
            return;
        }

        response.ContentType = manifest.MediaType;
        if (fault is not { OmitDigest: true }) response.Headers["Docker-Content-Digest"] = fault?.Digest ?? manifest.Digest;
        var bytes = fault?.Body is { } body ? Encoding.UTF8.GetBytes(body) : manifest.Bytes;
        if (fault?.PadTo is { } size && size > bytes.Length)
        {
            var padded = new byte[size];
            padded.AsSpan().Fill((byte)' ');
            bytes.CopyTo(padded);
            bytes = padded;
        }

        await BodyWriter.WriteAsync(context, bytes, fault, options.TimeProvider, cancellationToken);
    }

    private async Task TakeManifestAsync(HttpContext context, string repository, string reference, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellationToken);
        var tag = reference.Contains(':', StringComparison.Ordinal) ? null : reference;
        var manifest = store.Put(repository, tag, context.Request.ContentType?.Split(';')[0] ?? MediaTypes.OciManifest, buffer.ToArray());
        Created(context.Response, $"/v2/{repository}/manifests/{manifest.Digest}", manifest.Digest);
    }

    private async Task SendBlobAsync(HttpContext context, string digest, RegistryFault? fault, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers["Docker-Content-Digest"] = digest;
        await (store.Blobs.TryGetValue(digest, out var bytes)
            ? BodyWriter.WriteAsync(context, bytes, fault, options.TimeProvider, cancellationToken)
            : RefuseAsync(context.Response, 404));
    }

    /// <summary>POST starts an upload, PATCH sends a part, PUT sends the rest and ends it.</summary>
    private async Task UploadAsync(HttpContext context, string repository, string id, CancellationToken cancellationToken)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.Method == "POST") uploads[id = Guid.NewGuid().ToString()] = new MemoryStream();
        if (!uploads.TryGetValue(id, out var upload))
        {
            await RefuseAsync(response, 404);
            return;
        }

        await request.Body.CopyToAsync(upload, cancellationToken);
        if (request.Method == "PUT")
        {
            uploads.TryRemove(id, out _);
            var digest = Digests.Of(upload.ToArray());
            store.Blobs[digest] = upload.ToArray();
            Created(response, $"/v2/{repository}/blobs/{digest}", digest);
            return;
        }

        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = $"/v2/{repository}/blobs/uploads/{id}";
        response.Headers.Range = $"0-{Math.Max(0, upload.Length - 1)}";
    }

    private static void Created(HttpResponse response, string location, string digest)
    {
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = location;
        response.Headers["Docker-Content-Digest"] = digest;
    }

    /// <summary>Sends an error with the body of the distribution specification.</summary>
    private static Task RefuseAsync(HttpResponse response, int status)
    {
        var code = status == 404 ? "MANIFEST_UNKNOWN" : ((HttpStatusCode)status).ToString().ToUpperInvariant();
        var error = new JsonObject { ["code"] = code, ["message"] = "rejected by the sandbox registry" };
        return response.WriteAsync(new JsonObject { ["errors"] = new JsonArray(error) }, status);
    }
}
