using System.Security.Cryptography;

namespace ImageUpdater.Sandbox.Registry;

internal static class Digests
{
    public static string Of(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static bool IsDigest(string text) => text.Contains(':', StringComparison.Ordinal);
}
