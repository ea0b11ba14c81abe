using System.Text;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Parses raw <c>WWW-Authenticate</c> values (RFC 9110, section 11.6.1). .NET's typed header drops values that it can't parse, and some
/// registries send those. Never throws: malformed parts are skipped. Takes time linear in the length of the text.
/// </summary>
internal ref struct ChallengeParser
{
    private const int MaxLength = 16 * 1024;
    private const int MaxChallenges = 16;
    private const int MaxParameters = 32;

    private readonly ReadOnlySpan<char> text;
    private int at;

    private ChallengeParser(ReadOnlySpan<char> text) => this.text = text;

    private readonly bool AtEnd => at >= text.Length;

    private readonly char Current => text[at];

    public static IReadOnlyList<Challenge> Parse(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var sent) ? Parse([.. sent]) : [];

    public static IReadOnlyList<Challenge> Parse(IEnumerable<string> values)
    {
        var challenges = new List<Challenge>();
        foreach (var value in values)
            new ChallengeParser(value.AsSpan(0, Math.Min(value.Length, MaxLength))).ReadAll(challenges);
        return challenges;
    }

    private void ReadAll(List<Challenge> challenges)
    {
        while (challenges.Count < MaxChallenges)
        {
            SkipSeparators();
            if (AtEnd)
                return;

            var scheme = ReadToken();
            if (scheme.IsEmpty)
            {
                SkipToComma();
                continue;
            }

            challenges.Add(new Challenge(scheme.ToString(), ReadParameters()));
        }
    }

    private Dictionary<string, string> ReadParameters()
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            var before = at;
            SkipSeparators();
            var name = ReadToken();
            SkipSpace();

            // A token without '=' is the scheme of the next challenge; the caller reads it again.
            if (AtEnd || name.IsEmpty || Current != '=')
            {
                if (!name.IsEmpty || AtEnd)
                    at = name.IsEmpty ? text.Length : Rewind(before, parameters.Count == 0);
                return parameters;
            }

            at++;
            SkipSpace();
            var value = !AtEnd && Current == '"' ? ReadQuoted() : ReadBare();
            if (parameters.Count < MaxParameters)
                parameters.TryAdd(name.ToString(), value);
            SkipToComma();
        }
    }

    // A token without '=' directly after the scheme is a token68 (RFC 9110, section 11.2; "Negotiate abc"), not the next scheme.
    private int Rewind(int before, bool first)
    {
        var comma = text[before..at].IndexOf(',');
        if (!first || comma >= 0)
            return before;

        SkipToComma();
        return at;
    }

    private string ReadQuoted()
    {
        var value = new StringBuilder();
        for (at++; !AtEnd && Current != '"'; at++)
        {
            if (Current == '\\' && at + 1 < text.Length)
                at++;
            value.Append(Current);
        }

        if (!AtEnd)
            at++;
        return value.ToString();
    }

    private string ReadBare()
    {
        var start = at;
        while (!AtEnd && Current is not (',' or ' ' or '\t'))
            at++;
        return text[start..at].ToString();
    }

    private ReadOnlySpan<char> ReadToken()
    {
        var start = at;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(Current) || "!#$%&'*+-.^_`|~".Contains(Current)))
            at++;
        return text[start..at];
    }

    private void SkipSpace()
    {
        while (!AtEnd && Current is ' ' or '\t')
            at++;
    }

    private void SkipSeparators()
    {
        while (!AtEnd && Current is ' ' or '\t' or ',')
            at++;
    }

    private void SkipToComma()
    {
        while (!AtEnd && Current != ',')
            at++;
    }
}
