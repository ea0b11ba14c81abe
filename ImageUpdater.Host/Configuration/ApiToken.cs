using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// The token with which commands and other programs ask a running controller: the file of <c>Web:ApiTokenFile</c>, or one beside the state store that
/// the controller writes at its first start, so that whoever can read the state can ask.
/// </summary>
internal sealed class ApiToken(ServingOptions serving, StateOptions state)
{
    private const int Bytes = 32;

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private string Path => serving.ApiTokenFile ?? System.IO.Path.GetFullPath(state.Path) + ".api-token";

    /// <summary>Writes the file if it is the controller's own and not there.</summary>
    /// <returns>Why there is no token, as a message; null if there is one.</returns>
    public string? Ensure()
    {
        try
        {
            if (serving.ApiTokenFile is null && Read().Failure is not null)
            {
                if (PrivateFile.IsLink(Path))
                    return $"'{Path}' is a symbolic link, and no token is written through links; remove it";
                PrivateFile.Replace(Path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)) + "\n");
            }

            return Read().Failure;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"'{Path}' can't be written: {UntrustedText.Bound(exception.Message)}";
        }
    }

    /// <summary>The token; or a message, which never contains what the file has.</summary>
    public Result<Secret, string> Read() => serving.ApiTokenFile is null && PrivateFile.IsLink(Path) ? $"'{Path}' is a symbolic link" : Read(Path);

    /// <summary>Messages quote nothing of the file.</summary>
    public static Result<Secret, string> Read(string path)
    {
        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var unread))
            return unread.Message;

        var token = text.Trim();
        if (token.Length < AuthFile.ShortestSecret)
            return $"'{UntrustedText.Bound(path)}' has a token of less than {AuthFile.ShortestSecret} characters; use a longer one, for example of openssl rand -hex 32";
        return token.AsSpan().ContainsAnyExcept(Characters)
            ? $"'{UntrustedText.Bound(path)}' is not a token; write one line with letters, digits and -._~+/= only"
            : new Secret(token);
    }

    /// <summary>Not a record, whose text would have the token.</summary>
    internal sealed class Secret(string token)
    {
        private const string Scheme = "Bearer";

        public AuthenticationHeaderValue Authorization => new(Scheme, token);

        /// <summary>Takes the same time whatever is wrong.</summary>
        /// <param name="authorization">The request header.</param>
        public bool IsIn(string? authorization) =>
            AuthenticationHeaderValue.TryParse(authorization, out var given) && given is { Scheme: var scheme, Parameter: { } parameter }
            && scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(parameter)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }
}
