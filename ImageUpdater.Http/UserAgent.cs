using System.Net.Http.Headers;
using System.Reflection;

namespace ImageUpdater.Http;

/// <summary>The User-Agent of every request: <c>image-updater/0.1.0</c>.</summary>
internal static class UserAgent
{
    public static readonly ProductInfoHeaderValue Product = new("image-updater", Version());

    private static string Version() =>
        typeof(UserAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
