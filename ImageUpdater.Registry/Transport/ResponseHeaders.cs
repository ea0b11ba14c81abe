using System.Net.Http.Headers;

namespace ImageUpdater.Registry.Transport;

internal static class ResponseHeaders
{
    /// <summary>The raw value; null if the header is missing or ambiguous because it occurs more than once.</summary>
    public static string? Single(this HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.Count == 1 ? values.ToString() : null;
}
