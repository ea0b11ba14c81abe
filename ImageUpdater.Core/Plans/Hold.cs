using System.Globalization;

namespace ImageUpdater.Core.Plans;

/// <summary>Why a restart waits.</summary>
/// <param name="Explanation">One plain message; the moment it ends included, where that is known.</param>
/// <param name="Until">When it ends by itself; null where somebody or something has to end it.</param>
public sealed record Hold(DecisionReason Reason, string Explanation, DateTimeOffset? Until = null)
{
    internal static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
