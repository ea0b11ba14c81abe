using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ImageUpdater.Core;

/// <summary>
/// Text that comes from registries, annotations, API messages and the exceptions of libraries. It is cut to a length, freed of control
/// characters (a terminal would obey them) and of the user part of URLs before it is stored, logged or shown. Encoding for HTML or
/// Markdown is the template's job.
/// </summary>
public static partial class UntrustedText
{
    public const int MaxLength = 300;

    private const int MaxMiddleLength = 8192;

    /// <summary>The text, cut to <paramref name="maxLength"/> characters including an ellipsis.</summary>
    public static string Bound(string? text, int maxLength = MaxLength)
    {
        if (string.IsNullOrEmpty(text) || maxLength <= 0)
            return "";

        text = WithoutUserInfo(text);
        var builder = new StringBuilder(Math.Min(text.Length, maxLength));
        var room = text.Length > maxLength ? maxLength - 1 : maxLength;
        foreach (var rune in text.EnumerateRunes())
        {
            if (builder.Length + rune.Utf16SequenceLength > room)
                return builder.Append('…').ToString();

            if (IsObeyed(rune))
                builder.Append(' ');
            else
                builder.Append(rune.ToString());
        }

        return builder.ToString();
    }

    /// <summary>As <see cref="Bound"/>, but cut in the middle: the cause of an error is at the end of a long message.</summary>
    public static string BoundMiddle(string text, int maxLength = MaxLength)
    {
        var whole = Bound(text, MaxMiddleLength);
        if (whole.Length <= maxLength)
            return whole;

        var (head, tail) = (maxLength / 3, whole.Length - (maxLength - 1 - (maxLength / 3)));
        if (char.IsLowSurrogate(whole[head]))
            head--;
        if (char.IsLowSurrogate(whole[tail]))
            tail++;
        return $"{whole[..head]}…{whole[tail..]}";
    }

    /// <summary>
    /// The text with <c>http://user:password@host</c> as <c>http://host</c>, at its full length. .NET puts the URL of a proxy, with the
    /// password, into the exception when the proxy refuses a tunnel.
    /// </summary>
    public static string WithoutUserInfo(string text) => text.Contains('@') ? UserInfo().Replace(text, "://") : text;

    // RFC 3986, 3.2.1: between "//" and the last "@" before the path, the query or the fragment. Blanks and quotes end a URL in a message.
    [GeneratedRegex("""://[^\s/?#'"<>]*@""", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    // Format characters include the bidirectional overrides, which make a line read as something else; the separators start a new one.
    private static bool IsObeyed(Rune rune) => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
