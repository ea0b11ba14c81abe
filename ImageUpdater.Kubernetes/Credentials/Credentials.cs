using System.Net.Http.Headers;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>The credential of one request. Not a record, whose generated ToString would include the secret.</summary>
internal sealed class Credential(AuthenticationHeaderValue? authorization, ClientCertificate? certificate)
{
    public AuthenticationHeaderValue? Authorization { get; } = authorization;

    public ClientCertificate? Certificate { get; } = certificate;

    public static Result<Credential, string> Bearer(string token, ClientCertificate? certificate)
    {
        var trimmed = token.Trim();
        return trimmed.Length == 0 || trimmed.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? "the token is empty or contains invalid characters"
            : new Credential(new("Bearer", trimmed), certificate);
    }

    public static Credential Basic(string user, string? password, ClientCertificate? certificate) =>
        new(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))), certificate);
}

/// <summary>Provides the credential for each request.</summary>
internal abstract class CredentialSource
{
    /// <summary>The current credential, or a message that says why there is none.</summary>
    public abstract ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken);

    /// <summary>Must be called when the API has rejected the credential (401).</summary>
    /// <returns>Whether <see cref="GetAsync"/> may return another one.</returns>
    public abstract bool Refused(Credential credential);
}

/// <summary>A token or password in the kubeconfig, or no credential.</summary>
internal sealed class FixedCredential(Result<Credential, string> credential) : CredentialSource
{
    public override ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken) => new(credential);

    public override bool Refused(Credential credential) => false;
}
