using ImageUpdater.Core.Observing;

namespace ImageUpdater.Core.Planning;

/// <summary>
/// Whether a tag flaps: it returns to earlier digests again and again, as if two servers behind one name were out of step. A single return is somebody
/// who tags the old image again.
/// </summary>
/// <remarks>
/// | served (minutes)              | flaps                                                                             |
/// |-------------------------------|-----------------------------------------------------------------------------------|
/// | A B A                         | no: one return                                                                    |
/// | A B(0) A(5) B(10) A(15)       | from 15: three returns within <see cref="Within"/>                                |
/// | …A(15), and nothing else      | until one digest was seen for the stabilization time without a break, here A at 30 |
/// | A B(0) A(20) B(40) A(60)      | no: three returns, but not within <see cref="Within"/>                            |
/// </remarks>
public static class Flap
{
    /// <summary>Returns to an earlier digest that make a flap.</summary>
    public const int Returns = 3;

    /// <summary>The number of observations of an image, the newest, that are enough to tell.</summary>
    public const int MostObservations = 100;

    /// <summary>The time between the first and the last of these returns.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromMinutes(30);

    /// <param name="observations">Of one image, newest first.</param>
    /// <param name="seenUntil">When the newest digest was last seen.</param>
    /// <param name="stabilization">Ends a flap once one digest was seen for that long without a break; none flaps if it is 0.</param>
    /// <returns>When the flap ends at the earliest; null if there is none.</returns>
    public static DateTimeOffset? EndOf(IReadOnlyList<Observation> observations, DateTimeOffset seenUntil, TimeSpan stabilization, DateTimeOffset now)
    {
        if (stabilization <= TimeSpan.Zero || observations.Count == 0)
            return null;

        var end = observations[0].From + stabilization;
        // Observed even further in the future: the clock was set back, and the times are unusable. Do not hold until the clock catches up.
        if ((seenUntil < now ? seenUntil : now) >= end || observations[0].From > now + stabilization)
            return null;

        var returns = ReturnsOf(observations);
        for (var i = 0; i < observations.Count; i++)
        {
            if (IsThird(i))
                return end;
            // A digest that was served for long enough ended every flap before it.
            if (i + 1 < observations.Count && observations[i].From - observations[i + 1].From >= stabilization)
                return null;
        }

        return null;

        bool IsThird(int index) => returns.IndexOf(index) is var at and >= 0 && at + Returns - 1 < returns.Count
            && (observations[index].From - observations[returns[at + Returns - 1]].From).Duration() <= Within;
    }

    private static List<int> ReturnsOf(IReadOnlyList<Observation> observations)
    {
        var served = new HashSet<Images.Digest>();
        var returns = new List<int>();
        for (var i = observations.Count - 1; i >= 0; i--)
        {
            if (!served.Add(observations[i].Digest))
                returns.Add(i);
        }

        returns.Reverse();
        return returns;
    }
}
