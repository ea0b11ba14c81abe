namespace ImageUpdater.Registry.Credentials;

/// <summary>Caches the answers of credential programs until they expire. In memory only. Not thread-safe.</summary>
internal sealed class CachedAnswers(TimeProvider time)
{
    /// <summary>Time until a failed program is run again. Failing programs are often slow, and each failure adds a warning to the plan.</summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(2);

    private const int MostAnswers = 1024;

    // Limits the effect of a typing error in a plugin's cache duration.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // Without this limit, every refused image of a registry would run the program again at every check.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Entry> answers = new(StringComparer.Ordinal);

    /// <param name="isRefused">A registry rejected the cached credentials: answers older than two minutes are dropped, newer ones are still returned.</param>
    public DockerConfig? Find(bool isRefused, params ReadOnlySpan<string> keys)
    {
        var now = time.GetUtcNow();
        foreach (var key in keys)
        {
            if (!answers.TryGetValue(key, out var known) || known.Until <= now)
                continue;
            if (!isRefused || now - known.At < AfterRefusal)
                return known.Answer;
            answers.Remove(key);
        }

        return null;
    }

    public DockerConfig Add(string key, DockerConfig answer, TimeSpan duration)
    {
        var now = time.GetUtcNow();
        if (answers.Count >= MostAnswers)
            answers.Clear();
        if (duration > TimeSpan.Zero)
            answers[key] = new Entry(answer, now, now + (duration < Longest ? duration : Longest));
        return answer;
    }

    public DockerConfig AddFailure(string key, string message) => Add(key, DockerConfig.Empty with { Warnings = [message] }, AfterFailure);

    private sealed record Entry(DockerConfig Answer, DateTimeOffset At, DateTimeOffset Until);
}
