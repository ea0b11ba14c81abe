using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ImageUpdater.Core.Images;

/// <summary>The content address of a manifest, <c>algorithm:hex</c>, as the OCI image specification registers them.</summary>
public sealed record Digest : IComparable<Digest>
{
    private const int ShortHexLength = 12;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private Digest(string value) => Value = value;

    /// <summary>Algorithm and lower-case hex, for example <c>sha256:4bcf…</c>.</summary>
    public string Value { get; }

    /// <summary>Short form for display.</summary>
    public string Abbreviated
    {
        get
        {
            var colon = Value.IndexOf(':');
            return Value[..Math.Min(Value.Length, colon + 1 + ShortHexLength)];
        }
    }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        if (text is null)
            return false;

        var colon = text.IndexOf(':');
        if (colon < 0 || HexLength(text.AsSpan(0, colon)) is not { } length || text.Length - colon - 1 != length)
            return false;

        if (text.AsSpan(colon + 1).ContainsAnyExcept(LowerHex))
            return false;

        digest = new Digest(text);
        return true;
    }

    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{UntrustedText.Bound(text)}' is not a digest.");

    public static Digest OfContent(ReadOnlySpan<byte> content) => new("sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)));

    public int CompareTo(Digest? other) => string.CompareOrdinal(Value, other?.Value);

    public override string ToString() => Value;

    private static int? HexLength(ReadOnlySpan<char> algorithm) => algorithm switch
    {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => null,
    };
}
