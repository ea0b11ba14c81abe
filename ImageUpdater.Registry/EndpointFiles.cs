using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Registry;

/// <param name="Certificate">Null if none is configured.</param>
internal sealed record OwnCertificate(ClientCertificate? Certificate);

/// <summary>Reads the client certificate files of <see cref="EndpointOptions"/>.</summary>
internal static class EndpointFiles
{
    public static Result<OwnCertificate, string> ClientCertificate(EndpointOptions options)
    {
        var isGiven = options.ClientCertificateFile is { Length: > 0 };
        if (isGiven != options.ClientKeyFile is { Length: > 0 })
            return "ClientCertificateFile and ClientKeyFile must be set together.";
        if (!isGiven)
            return new OwnCertificate(Certificate: null);
        if (!LocalFile.ReadText(options.ClientCertificateFile!).IsSuccess(out var certificate, out var failure))
            return $"ClientCertificateFile {failure.Message}.";
        if (!LocalFile.ReadText(options.ClientKeyFile!).IsSuccess(out var key, out failure))
            return $"ClientKeyFile {failure.Message}.";

        var read = Http.ClientCertificate.FromPem(certificate, key, UntrustedText.Bound(options.ClientCertificateFile));
        return read.IsSuccess(out var usable, out var problem) ? new OwnCertificate(usable) : $"{problem}.";
    }
}
