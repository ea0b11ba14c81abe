using ImageUpdater.Core;
using ImageUpdater.Http;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>
/// A token in a file that others rewrite, as the kubelet does with a service account's. It is read again every minute; while that fails
/// the last token serves on, until the API refuses it.
/// </summary>
/// <param name="initial">What to use while the file could not be read even once.</param>
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
