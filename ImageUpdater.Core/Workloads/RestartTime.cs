using System.Globalization;

namespace ImageUpdater.Core.Workloads;

/// <summary>The value of <c>kubectl.kubernetes.io/restartedAt</c>: RFC 3339, to the second. Ours is in UTC; kubectl writes the user's offset.</summary>
public static class RestartTime
{
    public static string Write(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Null for anything else: anyone can write the annotation.</summary>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
