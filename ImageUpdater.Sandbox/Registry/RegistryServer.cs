using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>The distribution specification over one <see cref="ImageStore"/>, with whatever goes wrong on purpose.</summary>
internal sealed class RegistryServer(SandboxRegistryOptions options, ImageStore store)
{
    private readonly TokenIssuer tokens = new(options);
    private readonly BlobUploads uploads = new(store);
    private readonly ManifestEndpoints manifests = new(store, options.TimeProvider);

    public async Task HandleAsync(HttpContext context, RegistryFault? fault, CancellationToken cancel)
    {
        HttpResponse response = context.Response;
        string path = context.Request.Path.Value!;
        if (fault is not null && await FailAsync(context, fault, cancel)) return;

        response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        if (path == "/token" && options.Auth == RegistryAuth.Bearer)
        {
            await tokens.HandleAsync(context, fault, cancel);
        }
        else if (RegistryTarget.Parse(path) is not { } target)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (Challenge(context.Request, target) is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
            await RegistryErrors.WriteAsync(response, 401, cancel);
        }
        else
        {
            await DispatchAsync(context, target, fault, cancel);
        }
    }

    /// <summary>What a fault answers in place of the registry; false when the request is to be handled all the same.</summary>
    private static async Task<bool> FailAsync(HttpContext context, RegistryFault fault, CancellationToken cancel)
    {
        HttpResponse response = context.Response;
        foreach ((string name, string value) in fault.Headers) response.Headers[name] = value;
        if (fault.RetryAfter is not null) response.Headers.RetryAfter = fault.RetryAfter;
        if (fault.RedirectTo is not null)
        {
            string target = context.Request.Path.ToUriComponent() + context.Request.QueryString.Value;
            response.StatusCode = fault.Status ?? StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = fault.RedirectTo.Replace("{target}", target, StringComparison.Ordinal);
            return true;
        }

        if (fault.Challenges.Count > 0) response.Headers.WWWAuthenticate = fault.Challenges.ToArray();
        int? status = fault.Status ?? (fault.Challenges.Count > 0 ? 401 : null);
        if (status is null) return false;
        await RegistryErrors.WriteAsync(response, status.Value, cancel);
        return true;
    }

    /// <summary>The WWW-Authenticate value for who may not do this; null for who may.</summary>
    private string? Challenge(HttpRequest request, RegistryTarget target)
    {
        string authorization = request.Headers.Authorization.ToString();
        string action = request.Method is "GET" or "HEAD" ? "pull" : "push";
        switch (options.Auth)
        {
            case RegistryAuth.Basic:
                return tokens.IsBasic(authorization) ? null : "Basic realm=\"sandbox\"";
            case RegistryAuth.Bearer:
                string realm = $"Bearer realm=\"{request.Scheme}://{request.Host}/token\",service=\"{request.Host}\"";
                if (target.Repository.Length == 0) return tokens.Knows(authorization) ? null : realm;
                if (tokens.Allows(authorization, target.Repository, action)) return null;
                string actions = action == "pull" ? "pull" : "pull,push";
                string error = authorization.Length == 0 ? "" : ",error=\"invalid_token\"";
                return $"{realm},scope=\"repository:{target.Repository}:{actions}\"{error}";
            default:
                return null;
        }
    }

    private async Task DispatchAsync(HttpContext context, RegistryTarget target, RegistryFault? fault, CancellationToken cancel)
    {
        switch (target.Part)
        {
            case RegistryPart.Base:
                await WriteAsync(context.Response, [], cancel);
                break;
            case RegistryPart.Catalog:
                await WriteAsync(context.Response, new JsonObject { ["repositories"] = Strings(store.RepositoryNames) }, cancel);
                break;
            case RegistryPart.Tags when store.Find(target.Repository) is { } repository:
                IEnumerable<string> tags = repository.Tags.Keys.Order(StringComparer.Ordinal);
                await WriteAsync(context.Response, new JsonObject { ["name"] = target.Repository, ["tags"] = Strings(tags) }, cancel);
                break;
            case RegistryPart.Tags:
                await RegistryErrors.WriteAsync(context.Response, 404, "NAME_UNKNOWN", "repository name not known to registry", cancel);
                break;
            case RegistryPart.Manifests:
                await manifests.HandleAsync(context, target, fault, cancel);
                break;
            case RegistryPart.Blobs:
                await BlobAsync(context, target, fault, cancel);
                break;
            default:
                await uploads.HandleAsync(context, target, cancel);
                break;
        }
    }

    private async Task BlobAsync(HttpContext context, RegistryTarget target, RegistryFault? fault, CancellationToken cancel)
    {
        if (!store.Blobs.TryGetValue(target.Reference, out ReadOnlyMemory<byte> bytes))
        {
            await RegistryErrors.WriteAsync(context.Response, 404, "BLOB_UNKNOWN", "blob unknown to registry", cancel);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers["Docker-Content-Digest"] = target.Reference;
        await BodyWriter.WriteAsync(context, bytes, fault, options.TimeProvider, cancel);
    }

    private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static async Task WriteAsync(HttpResponse response, JsonObject node, CancellationToken cancel)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(node.ToJsonString());
        response.ContentType = "application/json";
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method)) await response.Body.WriteAsync(bytes, cancel);
    }
}
