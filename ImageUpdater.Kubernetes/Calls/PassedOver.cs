using System.Collections.Immutable;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>The objects of a list that do not match. They are counted; a name is kept only of those that were probably meant to match, and not of all of them.</summary>
/// <param name="Mistakes">By uid.</param>
internal sealed record PassedOver(int Count, ImmutableDictionary<string, EnablingMistake> Mistakes)
{
    public const int MostMistakes = 100;

    public static readonly PassedOver None = new(0, ImmutableDictionary.Create<string, EnablingMistake>(StringComparer.Ordinal));

    public PassedOver With(PassedOver other)
    {
        var sum = this with { Count = Count + other.Count };
        foreach (var (uid, mistake) in other.Mistakes)
            sum = sum.Noted(uid, mistake);
        return sum;
    }

    public PassedOver With(string? uid, EnablingMistake? mistake) => (this with { Count = Count + 1 }).Noted(uid, mistake);

    /// <summary>After a change that a watch reported.</summary>
    /// <param name="was">It did not match before.</param>
    /// <param name="isNow">It exists, and does not match.</param>
    public PassedOver After(string uid, bool was, bool isNow, EnablingMistake? mistake) =>
        new PassedOver(Math.Max(0, Count + (isNow ? 1 : 0) - (was ? 1 : 0)), Mistakes.Remove(uid)).Noted(uid, isNow ? mistake : null);

    private PassedOver Noted(string? uid, EnablingMistake? mistake) =>
        uid is null || mistake is null || Mistakes.Count >= MostMistakes ? this : this with { Mistakes = Mistakes.SetItem(uid, mistake) };
}
