using System.Security.Cryptography;

namespace ImageUpdater.Host.Planning;

/// <summary>Ids of plans and rollouts: short enough to type, and random, so that ids of different stores do not collide.</summary>
internal static class Identifiers
{
    private const int RandomBytes = 5;

    public static string New(string kind) => $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}";
}
