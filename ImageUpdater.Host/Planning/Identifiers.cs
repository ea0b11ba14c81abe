using System.Security.Cryptography;

namespace ImageUpdater.Host.Planning;

/// <summary>Names of plans and rollouts: short enough to type, random, since two stores may be compared one day.</summary>
internal static class Identifiers
{
    private const int RandomBytes = 5;

    public static string New(string kind) => $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}";
}
