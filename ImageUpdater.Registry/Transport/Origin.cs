namespace ImageUpdater.Registry.Transport;

/// <summary>Compares scheme, host and port (RFC 6454). Credentials are never sent to another origin.</summary>
internal static class Origin
{
    public static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && IsSameHost(one, other);

    public static bool IsSameHost(Uri one, Uri other) => string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
