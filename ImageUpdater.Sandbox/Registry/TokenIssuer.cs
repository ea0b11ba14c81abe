using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>The token endpoint of a registry with bearer tokens, and what its tokens grant.</summary>
internal sealed class TokenIssuer(SandboxRegistryOptions options)
{
    private readonly ConcurrentDictionary<string, Grant> tokens = new();

    public async Task HandleAsync(HttpContext context, RegistryFault? fault, CancellationToken cancel)
    {
        string scope;
        bool trusted;
        if (context.Request.Method == "POST")
        {
            IFormCollection form = await context.Request.ReadFormAsync(cancel);
            context.Items[Http.RequestBody.Key] = string.Join('&', form.Select(field => $"{field.Key}={field.Value}"));
            if (!options.TokenPost)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            scope = form["scope"].ToString();
            trusted = form["grant_type"].ToString() switch
            {
                "refresh_token" => options.IdentityToken is not null && form["refresh_token"] == options.IdentityToken,
                "password" => form["username"] == options.User && form["password"] == options.Password,
                _ => false,
            };
        }
        else
        {
            scope = string.Join(' ', context.Request.Query["scope"].ToArray());
            string authorization = context.Request.Headers.Authorization.ToString();
            trusted = IsBasic(authorization);
            // Wrong credentials are refused; no credentials get a token that may pull nothing, or what is public.
            if (!trusted && authorization.Length == 0)
            {
                await AnswerAsync(context, options.AnonymousPull ? PullOf(scope) : "", fault, cancel);
                return;
            }
        }

        if (trusted) await AnswerAsync(context, scope, fault, cancel);
        else await RegistryErrors.WriteAsync(context.Response, 401, "UNAUTHORIZED", "authentication required", cancel);
    }

    public bool IsBasic(string authorization)
    {
        const string scheme = "Basic ";
        if (!authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return false;
        return authorization[scheme.Length..] == Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}"));
    }

    public bool Allows(string authorization, string repository, string action)
    {
        const string scheme = "Bearer ";
        if (!authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return false;
        if (!tokens.TryGetValue(authorization[scheme.Length..], out Grant? grant) || grant.Until <= options.TimeProvider.GetUtcNow()) return false;
        return grant.Scope.Split(' ').Any(part => part.Split(':') is ["repository", var name, var actions]
            && name == repository && actions.Split(',').Contains(action));
    }

    /// <summary>True for a token that is valid, whatever it grants: enough for GET /v2/.</summary>
    public bool Knows(string authorization) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        && tokens.TryGetValue(authorization["Bearer ".Length..], out Grant? grant) && grant.Until > options.TimeProvider.GetUtcNow();

    private static string PullOf(string scope) => string.Join(' ', scope.Split(' ').Select(part =>
        part.Split(':') is ["repository", var name, var actions] && actions.Split(',').Contains("pull") ? $"repository:{name}:pull" : ""));

    private Task AnswerAsync(HttpContext context, string scope, RegistryFault? fault, CancellationToken cancel)
    {
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        var token = $"sandbox-{Guid.NewGuid():N}";
        bool expired = fault is { TokenExpired: true };
        DateTimeOffset until = expired ? now : now + (options.TokenLifetime ?? TimeSpan.FromSeconds(60));
        tokens[token] = new Grant(fault is { TokenLacksAccess: true } ? "" : scope, until);

        var answer = new JsonObject { [options.TokenMember] = token, ["issued_at"] = Cluster.Rfc3339.Seconds(now) };
        if (options.TokenLifetime is { } lifetime) answer["expires_in"] = (int)lifetime.TotalSeconds;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), cancel);
    }

    private sealed record Grant(string Scope, DateTimeOffset Until);
}
