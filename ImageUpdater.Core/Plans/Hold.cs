using System.Globalization;

namespace ImageUpdater.Core.Plans;

/// <summary>One reason why a due restart is held or queued.</summary>
/// <param name="Explanation">One message, with the time when the hold ends if that is known.</param>
/// <param name="Until">When the hold ends by itself; null if something or someone has to end it.</param>
public sealed record Hold(DecisionReason Reason, string Explanation, DateTimeOffset? Until = null)
{
    internal static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
