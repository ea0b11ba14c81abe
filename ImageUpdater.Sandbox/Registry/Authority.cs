using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Authenticates requests: anonymous, with user and password, or with a token from the registry's own endpoint.</summary>
internal sealed class Authority(SandboxRegistryOptions options)
{
    private const string Bearer = "Bearer ";

    private readonly ConcurrentDictionary<string, string> scopes = new();

    /// <summary>The WWW-Authenticate value for an unauthorized request; null if it is authorized.</summary>
    /// <param name="repository">Null for a request without a repository, for which any token is valid.</param>
    public string? Challenge(HttpRequest request, string? repository)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (options.Auth == RegistryAuth.Anonymous) return null;
        if (options.Auth == RegistryAuth.Basic) return IsBasic(authorization) ? null : "Basic realm=\"sandbox\"";

        var token = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..] : "";
        var wanted = $"repository:{repository}:";
        if (scopes.TryGetValue(token, out var granted) && (repository is null || granted.Contains(wanted, StringComparison.Ordinal))) return null;
        var realm = $"Bearer realm=\"{request.Scheme}://{request.Host}/token\",service=\"{request.Host}\"";
        return repository is null ? realm : $"{realm},scope=\"{wanted}{(request.Method is "GET" or "HEAD" ? "pull" : "pull,push")}\"";
    }

    /// <summary>GET /token: rejects wrong credentials. Without credentials, the token grants nothing, or anonymous pulls.</summary>
    /// <returns>The response; null if rejected.</returns>
    public JsonObject? Issue(HttpRequest request, RegistryFault? fault)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.Length > 0 && !IsBasic(authorization)) return null;
        var lets = (authorization.Length > 0 || options.AnonymousPull) && fault is not { TokenLacksAccess: true };
        var token = $"sandbox-{Guid.NewGuid():N}";
        if (fault is not { TokenExpired: true }) scopes[token] = lets ? request.Query["scope"].ToString() : "";
        return new JsonObject { ["token"] = token, ["expires_in"] = 300 };
    }

    private bool IsBasic(string authorization) =>
        authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}"))}";
}
