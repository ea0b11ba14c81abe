using System.Net.Http.Headers;

namespace ImageUpdater.Registry.Transport;

internal static class ResponseHeaders
{
    /// <summary>The raw value; null where the header is missing or comes more than once, which says nothing certain.</summary>
    public static string? Single(this HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.Count == 1 ? values.ToString() : null;
}
