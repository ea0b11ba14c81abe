namespace ImageUpdater.Registry.Transport;

/// <summary>Scheme, host and port: credentials and challenges stay within one.</summary>
internal static class Origin
{
    public static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && IsSameHost(one, other);

    public static bool IsSameHost(Uri one, Uri other) => string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
