using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>Who is let in: anybody, by user and password, or by a token that the registry's own endpoint gave out.</summary>
internal sealed class Authority(SandboxRegistryOptions options)
{
    private const string Bearer = "Bearer ";

    private readonly ConcurrentDictionary<string, string> scopes = new();

    /// <summary>The WWW-Authenticate value for who may not do this; null for who may.</summary>
    /// <param name="repository">Null: no repository, which any token is good for.</param>
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

    /// <summary>GET /token: wrong credentials are refused; none get a token that opens nothing, or what is public.</summary>
    /// <returns>The answer; null for a refusal.</returns>
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
