using System.Diagnostics.CodeAnalysis;
using ImageUpdater.Core;
using ImageUpdater.Http;
using k8s.KubeConfigModels;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>The credential of an exec plugin, cached until it expires or the API rejects it. Concurrent requests run the plugin once.</summary>
/// <param name="fixedCertificate">The kubeconfig's client certificate, used if the plugin returns a token only.</param>
[SuppressMessage("Design", "CA1001", Justification = "SemaphoreSlim allocates nothing to dispose of unless AvailableWaitHandle is used.")]
internal sealed class ExecCredential(ExecPlugin plugin, ClientCertificate? fixedCertificate, TimeProvider time) : CredentialSource
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile Held? held;

    public override async ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } kept)
            return kept;

        await gate.WaitAsync(cancellationToken);
        try
        {
            if (Fresh() is { } keptByAnother)
                return keptByAnother;
            if (!(await plugin.RunAsync(cancellationToken)).IsSuccess(out var status, out var failure))
                return failure;
            if (!ToCredential(status).IsSuccess(out var credential, out failure))
                return failure;

            held = new Held(credential, status.ExpirationTimestamp);
            return credential;
        }
        finally
        {
            gate.Release();
        }
    }

    public override bool Refused(Credential credential)
    {
        // Keeps a newer credential that another request got from the plugin since.
        if (ReferenceEquals(held?.Credential, credential))
            held = null;
        return true;
    }

    private Credential? Fresh() =>
        held is { } current && (current.Until is null || time.GetUtcNow() < current.Until) ? current.Credential : null;

    private Result<Credential, string> ToCredential(ExecCredentialResponse.ExecStatus status)
    {
        var certificate = fixedCertificate;
        if (!string.IsNullOrEmpty(status.ClientCertificateData))
        {
            var read = ClientCertificate.FromPem(status.ClientCertificateData, status.ClientKeyData ?? "", "the exec plugin");
            if (!read.IsSuccess(out certificate, out var failure))
                return failure;
        }

        return string.IsNullOrEmpty(status.Token)
            ? new Credential(authorization: null, certificate)
            : Credential.Bearer(status.Token, certificate);
    }

    private sealed class Held(Credential credential, DateTimeOffset? until)
    {
        public Credential Credential { get; } = credential;

        public DateTimeOffset? Until { get; } = until;
    }
}
