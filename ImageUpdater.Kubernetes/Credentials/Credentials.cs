using System.Net.Http.Headers;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>The credential of one request. A class, because a record's text would show the secret.</summary>
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

/// <summary>Where credentials come from.</summary>
internal abstract class CredentialSource
{
    /// <summary>The credential to use now, or one message that says why there is none.</summary>
    public abstract ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken);

    /// <summary>The API refused this credential.</summary>
    /// <returns>Whether asking again may bring another.</returns>
    public abstract bool Refused(Credential credential);
}

/// <summary>A credential that the kubeconfig holds, or none.</summary>
internal sealed class FixedCredential(Result<Credential, string> credential) : CredentialSource
{
    public override ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken) => new(credential);

    public override bool Refused(Credential credential) => false;
}
