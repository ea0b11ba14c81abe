using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>
/// The value of the <c>last-digest</c> annotation: <c>name:digest,name:digest</c>, sorted by name.
/// The older form, one bare digest, belongs to the first tracked container.
/// </summary>
public sealed class LastDigestMap
{
    public static readonly LastDigestMap Empty = new(NoEntries(), bare: null, problems: []);

    // Longer than a pod with a hundred containers needs; the API itself allows 256 KiB of annotations.
    private const int MaxTextLength = 32 * 1024;
    private const int MaxProblems = 3;

    // A sorted list is two arrays, which is cheap: the annotation of every workload is read in every cycle.
    private readonly SortedList<string, Digest> entries;
    private readonly Digest? bare;

    private LastDigestMap(SortedList<string, Digest> entries, Digest? bare, IReadOnlyList<string> problems)
    {
        this.entries = entries;
        this.bare = bare;
        Problems = problems;
    }

    /// <summary>One message per invalid entry. The other entries are used.</summary>
    public IReadOnlyList<string> Problems { get; }

    public static LastDigestMap Of(IEnumerable<KeyValuePair<string, Digest>> entries)
    {
        var sorted = NoEntries();
        foreach (var (name, digest) in entries)
            sorted.Add(name, digest);
        return new(sorted, bare: null, problems: []);
    }

    public static LastDigestMap Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Empty;
        if (text.Length > MaxTextLength)
            return new(NoEntries(), bare: null, [$"last-digest is {text.Length} characters long and is ignored"]);
        if (Digest.TryParse(text.Trim(), out var single))
            return new(NoEntries(), single, problems: []);

        var read = NoEntries();
        List<string>? problems = null;
        foreach (var range in text.AsSpan().Split(','))
        {
            var part = text.AsSpan(range).Trim();
            if (part.IsEmpty)
                continue;

            var colon = part.IndexOf(':');
            if (colon <= 0 || !Digest.TryParse(part[(colon + 1)..].Trim().ToString(), out var digest))
                AddProblem(ref problems, $"invalid last-digest entry '{UntrustedText.Bound(part.ToString(), 80)}'; expected name:digest");
            else if (!read.TryAdd(part[..colon].Trim().ToString(), digest))
                AddProblem(ref problems, $"last-digest names container '{UntrustedText.Bound(part[..colon].ToString(), 80)}' twice; the first entry is used");
        }

        return new(read, bare: null, problems ?? []);
    }

    public Digest? For(string container, bool isFirstTracked) =>
        entries.TryGetValue(container, out var digest) ? digest : isFirstTracked ? bare : null;

    /// <summary>The published form. Empty for the old form of one bare digest, which has no container name.</summary>
    public override string ToString()
    {
        if (entries.Count == 0)
            return "";

        var length = entries.Count - 1;
        for (var i = 0; i < entries.Count; i++)
            length += entries.GetKeyAtIndex(i).Length + 1 + entries.GetValueAtIndex(i).Value.Length;

        return string.Create(length, entries, static (span, entries) =>
        {
            for (var i = 0; i < entries.Count; i++)
            {
                if (i > 0)
                    Append(ref span, ",");
                Append(ref span, entries.GetKeyAtIndex(i));
                Append(ref span, ":");
                Append(ref span, entries.GetValueAtIndex(i).Value);
            }
        });
    }

    private static SortedList<string, Digest> NoEntries() => new(StringComparer.Ordinal);

    private static void Append(ref Span<char> span, string text)
    {
        text.CopyTo(span);
        span = span[text.Length..];
    }

    private static void AddProblem(ref List<string>? problems, string problem)
    {
        problems ??= [];
        if (problems.Count < MaxProblems)
            problems.Add(problem);
    }
}
