namespace ImageUpdater.Sandbox.Http;

/// <summary>Under this key a handler leaves the body that it read, for the request log.</summary>
internal static class RequestBody
{
    public static readonly object Key = new();
}
