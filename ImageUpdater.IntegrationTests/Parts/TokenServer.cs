using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ImageUpdater.IntegrationTests.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// Issues the signed tokens that a <see cref="DockerRegistry"/> accepts: to its account with the requested access, to anonymous
/// clients without any access, like real token servers.
/// </summary>
internal sealed class TokenServer : IAsyncDisposable
{
    public const string Service = "registry";
    public const string Issuer = "token-server";

    private static readonly string Account = Basic($"{DockerRegistry.Username}:{DockerRegistry.Password}");

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;
    private ScriptedApi? server;

    private TokenServer(string folder)
    {
        certificate = new TestAuthority().Client(Issuer, key);
        CertificateFile = Path.Combine(folder, "tokens.pem");
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }

    public string CertificateFile { get; }

    public Uri Realm => new(server!.Address, "/token");

    /// <summary>User (empty for anonymous) and scope of each request.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <param name="folder">The folder for the certificate that the registry reads.</param>
    public static async Task<TokenServer> StartAsync(string folder)
    {
        var tokens = new TokenServer(folder);
        tokens.server = await ScriptedApi.StartAsync(tokens.AnswerAsync);
        return tokens;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        certificate.Dispose();
        key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        Asked.Enqueue($"{(authorization == Account ? DockerRegistry.Username : authorization)} {context.Request.Query["scope"]}");
        return authorization.Length > 0 && authorization != Account
            ? ScriptedApi.Json("{}", StatusCodes.Status401Unauthorized)(context)
            : ScriptedApi.Json(JsonSerializer.Serialize(new { token = Sign(authorization == Account ? Access(context.Request.Query["scope"]) : []), expires_in = 300 }))(context);
    }

    private static object[] Access(string? scope) => scope?.Split(':') is [var type, .. var name, var actions]
        ? [new { type, name = string.Join(':', name), actions = actions.Split(',') }]
        : [];

    private string Sign(object[] access)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = Part(new { typ = "JWT", alg = "ES256", x5c = new[] { Convert.ToBase64String(certificate.RawData) } });
        var claims = Part(new { iss = Issuer, sub = "", aud = Service, exp = now + 300, nbf = now - 60, iat = now, jti = "1", access });
        return $"{header}.{claims}.{Encode(key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256))}";
    }

    private static string Part(object value) => Encode(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static string Basic(string account) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(account));
}
