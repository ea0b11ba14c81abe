using ImageUpdater.Core;
using ImageUpdater.Http;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>
/// A token in a file that is rewritten regularly, such as a service account token by the kubelet. The file is read again every minute, as in
/// client-go. If that fails, the last token is used until the API rejects it.
/// </summary>
/// <param name="initial">Used until the file has been read for the first time.</param>
internal sealed class TokenFileCredential(string path, string? initial, ClientCertificate? certificate, TimeProvider time, ILogger logger)
    : CredentialSource
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private Credential? held = initial is null ? null : Credential.Bearer(initial, certificate).Value;
    private DateTimeOffset readAt = DateTimeOffset.MinValue;

    public override ValueTask<Result<Credential, string>> GetAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return new(Get());
    }

    public override bool Refused(Credential credential)
    {
        lock (gate)
        {
            if (ReferenceEquals(held, credential))
                held = null;
        }

        return true;
    }

    private Result<Credential, string> Get()
    {
        var now = time.GetUtcNow();
        if (held is not null && now - readAt < ReadAgainAfter)
            return held;

        var problem = "";
        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var failure))
            problem = failure.Message;
        else if (Credential.Bearer(text, certificate).IsSuccess(out var fresh, out var refusal))
            held = fresh;
        else
            problem = $"{refusal} ('{path}')";

        readAt = now;
        if (held is null)
            return $"no token for the Kubernetes API: {problem}";
        if (problem.Length > 0)
            CredentialLog.TokenKept(logger, problem);

        return held;
    }
}
