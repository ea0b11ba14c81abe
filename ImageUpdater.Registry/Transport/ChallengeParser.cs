using System.Text;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Reads raw <c>WWW-Authenticate</c> values (RFC 9110, 11.6.1). .NET's typed header drops what it can't parse, and registries
/// do send such. Total: whatever cannot be read is passed over, in time linear in the text.
/// </summary>
internal ref struct ChallengeParser
{
    private const int MaxLength = 16 * 1024;
    private const int MaxChallenges = 16;
    private const int MaxParameters = 32;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private ChallengeParser(ReadOnlySpan<char> text) => _text = text;

    private readonly bool AtEnd => _at >= _text.Length;

    private readonly char Current => _text[_at];

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
            var before = _at;
            SkipSeparators();
            var name = ReadToken();
            SkipSpace();

            // A word without '=' opens the next challenge; the caller reads it again.
            if (AtEnd || name.IsEmpty || Current != '=')
            {
                if (!name.IsEmpty || AtEnd)
                    _at = name.IsEmpty ? _text.Length : Rewind(before, parameters.Count == 0);
                return parameters;
            }

            _at++;
            SkipSpace();
            var value = !AtEnd && Current == '"' ? ReadQuoted() : ReadBare();
            if (parameters.Count < MaxParameters)
                parameters.TryAdd(name.ToString(), value);
            SkipToComma();
        }
    }

    // Directly behind the scheme, a word without '=' is a credential of the old form (Negotiate abc): not a challenge.
    private int Rewind(int before, bool first)
    {
        var comma = _text[before.._at].IndexOf(',');
        if (!first || comma >= 0)
            return before;

        SkipToComma();
        return _at;
    }

    private string ReadQuoted()
    {
        var value = new StringBuilder();
        for (_at++; !AtEnd && Current != '"'; _at++)
        {
            if (Current == '\\' && _at + 1 < _text.Length)
                _at++;
            value.Append(Current);
        }

        if (!AtEnd)
            _at++;
        return value.ToString();
    }

    private string ReadBare()
    {
        var start = _at;
        while (!AtEnd && Current is not (',' or ' ' or '\t'))
            _at++;
        return _text[start.._at].ToString();
    }

    private ReadOnlySpan<char> ReadToken()
    {
        var start = _at;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(Current) || "!#$%&'*+-.^_`|~".Contains(Current)))
            _at++;
        return _text[start.._at];
    }

    private void SkipSpace()
    {
        while (!AtEnd && Current is ' ' or '\t')
            _at++;
    }

    private void SkipSeparators()
    {
        while (!AtEnd && Current is ' ' or '\t' or ',')
            _at++;
    }

    private void SkipToComma()
    {
        while (!AtEnd && Current != ',')
            _at++;
    }
}
