using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Credentials;

/// <summary>What a registry answered to a group.</summary>
internal sealed record GroupAnswer<T>(CandidateGroup Group, T Answer);

/// <summary>Namespaces that have the same credentials for an image: the registry is asked once for all of them.</summary>
/// <param name="Readers">Ordered.</param>
/// <param name="Candidates">In the order of trying.</param>
internal sealed record CandidateGroup(IReadOnlyList<Reader> Readers, IReadOnlyList<RegistryCredential> Candidates)
{
    /// <summary>Whether all credentials are the operator's, so that what is read with them is for everybody.</summary>
    public bool IsShared => Candidates.All(candidate => candidate.Owner is null);

    /// <summary>First those without credentials of their own: an answer to them answers for all.</summary>
    public static IReadOnlyList<CandidateGroup> Of(IEnumerable<(Reader Reader, IReadOnlyList<RegistryCredential> Candidates)> readers) =>
    [
        .. readers.OrderBy(reader => reader.Reader).GroupBy(reader => reader.Candidates, reader => reader, SameCredentials.Instance)
            .Select(group => new CandidateGroup([.. group.Select(reader => reader.Reader)], Neutral([.. group.Select(reader => reader.Candidates)])))
            .OrderBy(group => group.IsShared ? 0 : 1),
    ];

    /// <summary>Asks for one group after the other: often the first answer is one for all.</summary>
    /// <param name="isForAll">Whether a successful answer is.</param>
    /// <param name="failureOf">Null for a successful answer.</param>
    public static async Task<IReadOnlyList<GroupAnswer<T>>> AskAsync<T>(
        IReadOnlyList<CandidateGroup> groups, Func<IReadOnlyList<RegistryCredential>, Task<T>> askAsync, Func<T, bool> isForAll, Func<T, RegistryFailure?> failureOf,
        CancellationToken cancellationToken)
    {
        var answers = new List<GroupAnswer<T>>();
        foreach (var group in groups)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = await askAsync(group.Candidates);
            var failure = failureOf(answer);
            if (failure is null && isForAll(answer))
                return ForAll(groups, answer);
            if (failure is not null && group.IsFailureForAll(failure))
                return [.. answers, .. ForAll(groups.Skip(answers.Count), answer)];

            answers.Add(new GroupAnswer<T>(group, answer));
        }

        return answers;
    }

    public static IReadOnlyList<GroupAnswer<T>> ForAll<T>(IEnumerable<CandidateGroup> groups, T answer) => [.. groups.Select(group => new GroupAnswer<T>(group, answer))];

    // With credentials of its own, they may be why, or how many they are: a time limit included.
    private bool IsFailureForAll(RegistryFailure failure) =>
        !failure.MayDependOnCredential && (IsShared || !failure.WasAsked || failure.Kind == RegistryFailureKind.RateLimited);

    // A message about them goes to each of the namespaces, and must not name the secrets of another.
    private static IReadOnlyList<RegistryCredential> Neutral(IReadOnlyList<IReadOnlyList<RegistryCredential>> lists) => lists.Count == 1
        ? lists[0]
        : [.. lists[0].Select((credential, i) => credential.Owner is null ? credential : credential with { Origin = NameOf(lists.Select(list => list[i])) })];

    private static string NameOf(IEnumerable<RegistryCredential> same) =>
        same.Select(credential => credential.Origin.Replace($"{credential.Owner}/", "", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList() is [var only]
            ? $"{only} of its namespace"
            : "a pull secret of its namespace";

    private sealed class SameCredentials : IEqualityComparer<IReadOnlyList<RegistryCredential>>
    {
        public static readonly SameCredentials Instance = new();

        public bool Equals(IReadOnlyList<RegistryCredential>? one, IReadOnlyList<RegistryCredential>? other) => one!.SequenceEqual(other!);

        public int GetHashCode(IReadOnlyList<RegistryCredential> candidates) => candidates.Aggregate(0, (hash, candidate) => HashCode.Combine(hash, candidate));
    }
}
