using System.Text;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// Writes several values of a header as one line each. HttpClient would join them by commas, and the Kubernetes API would read
/// <c>dev, ops</c> as the name of one group. An encoding, because it is the only hook between a header's value and the connection.
/// </summary>
/// <remarks>For HTTP/1.1 only. No value may contain control characters: a line break in it would start another header.</remarks>
internal sealed class HeaderLines(string header) : Encoding
{
    private const char Separator = '\u001F';

    private readonly string nextLine = $"\r\n{header}: ";

    /// <summary>The header's value, for this encoding.</summary>
    public static string Join(IEnumerable<string> values) => string.Join(Separator, values);

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount * nextLine.Length);

    public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Lines(chars.AsSpan(index, count)));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        UTF8.GetBytes(Lines(chars.AsSpan(charIndex, charCount)), bytes.AsSpan(byteIndex));

    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

    public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    private string Lines(ReadOnlySpan<char> value) => value.ToString().Replace($"{Separator}", nextLine, StringComparison.Ordinal);
}
