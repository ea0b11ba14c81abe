using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// The users and tokens of <c>Web:AuthFile</c>, one a line: <c>user:password</c>, or a token without a colon. Empty lines and lines that start
/// with # are ignored. Passwords are in plain text, as in Secrets of type kubernetes.io/basic-auth: bcrypt, which htpasswd files use, is not in
/// .NET, costs anybody who sends requests a tenth of a second of CPU time each, and protects only from those who can read the Secret.
/// In memory there are only hashes, so that no dump or message shows a password.
/// </summary>
internal sealed class AuthFile
{
    /// <summary>Guesses are not limited: a limit would let anybody lock out the readers. So what is guessed has to be long.</summary>
    public const int ShortestSecret = 16;

    // The characters of a bearer token, RFC 6750 section 2.1.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    private readonly List<byte[]> users = [];
    private readonly List<byte[]> tokens = [];

    private AuthFile()
    {
    }

    /// <summary>The values of WWW-Authenticate.</summary>
    public string[] Challenges => [.. users.Count > 0 ? ["Basic realm=\"ImageUpdater\", charset=\"UTF-8\""] : (string[])[], .. tokens.Count > 0 ? ["Bearer realm=\"ImageUpdater\""] : (string[])[]];

    /// <summary>Messages name lines by number, and quote nothing.</summary>
    public static Result<AuthFile, string> Read(string path)
    {
        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var unread))
            return unread.Message;
        return Parse(text).IsSuccess(out var file, out var problem) ? file : $"'{UntrustedText.Bound(path)}': {problem}";
    }

    public static Result<AuthFile, string> Parse(string text)
    {
        var file = new AuthFile();
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index].Trim();
            if (line.Length > 0 && !line.StartsWith('#') && file.Add(line) is { } problem)
                return $"line {index + 1} {problem}";
        }

        return file.users.Count + file.tokens.Count > 0 ? file : "no users and no tokens; write one user:password or one token in each line";
    }

    /// <param name="authorization">The request header.</param>
    public bool Accepts(string? authorization) =>
        AuthenticationHeaderValue.TryParse(authorization, out var given) && given is { Scheme: var scheme, Parameter: { } parameter } && scheme.ToLowerInvariant() switch
        {
            "basic" => Decoded(parameter) is { } pair && IsOneOf(users, pair),
            "bearer" => IsOneOf(tokens, Encoding.UTF8.GetBytes(parameter)),
            _ => false,
        };

    private string? Add(string line)
    {
        if (line.Contains('\uFFFD'))
            return "is not UTF-8; save the file as UTF-8";
        if (line.Split(':', 2) is not [var user, var password])
        {
            if (line.AsSpan().ContainsAnyExcept(TokenCharacters))
                return "is neither user:password nor a token; a token has letters, digits and -._~+/= only";
            tokens.Add(Hash(Encoding.UTF8.GetBytes(line)));
            return line.Length < ShortestSecret ? $"has a token of less than {ShortestSecret} characters; use a longer one, for example of openssl rand -hex 32" : null;
        }

        users.Add(Hash(Encoding.UTF8.GetBytes(line)));
        if (user.Length == 0 || user != user.TrimEnd() || password != password.TrimStart())
            return "has no user, or spaces around the colon; write user:password";
        if (IsHash(password))
            return "has the hash of a password, as htpasswd writes it; write the password itself";
        return password.Length < ShortestSecret ? $"has a password of less than {ShortestSecret} characters; use a longer one, for example of openssl rand -hex 16" : null;
    }

    // As $2y$…, $apr1$…, $6$… or {SHA}….
    private static bool IsHash(string password) => (password.StartsWith('$') && password.IndexOf('$', 1) is > 1 and < 8) || password.StartsWith("{S", StringComparison.Ordinal);

    // Compares hashes of equal length, and all of them, so that the time it takes says nothing about them.
    private static bool IsOneOf(List<byte[]> known, byte[] given)
    {
        var hash = Hash(given);
        var found = false;
        foreach (var one in known)
            found |= CryptographicOperations.FixedTimeEquals(one, hash);
        return found;
    }

    private static byte[] Hash(byte[] secret) => SHA256.HashData(secret);

    private static byte[]? Decoded(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}
