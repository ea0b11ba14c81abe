using System.Globalization;
using System.Text;

namespace ImageUpdater.Core;

/// <summary>
/// Text that comes from registries, annotations and API messages. It is cut to a length and freed of control characters
/// (a terminal would obey them) before it is stored, logged or shown. Encoding for HTML or Markdown is the template's job.
/// </summary>
public static class OutsideText
{
    public const int MaxLength = 300;

    /// <summary>The text, an ellipsis in the place of what is too long included in <paramref name="maxLength"/>; never more than that.</summary>
    public static string Bound(string? text, int maxLength = MaxLength)
    {
        if (string.IsNullOrEmpty(text) || maxLength <= 0)
            return "";

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

    // Format characters include the bidirectional overrides, which make a line read as something else; the separators start a new one.
    private static bool IsObeyed(Rune rune) => Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
