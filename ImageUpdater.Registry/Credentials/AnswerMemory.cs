namespace ImageUpdater.Registry.Credentials;

/// <summary>What programs answered, until it expires. In memory only. Not for many callers at once.</summary>
internal sealed class AnswerMemory(TimeProvider time)
{
    /// <summary>Nobody is asked again sooner after a failure: it may be slow, and it is told once in each plan.</summary>
    public static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(2);

    private const int MostAnswers = 1024;

    // A typing error in a plugin must not keep a password for years.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Dictionary<string, (DockerConfig Answer, DateTimeOffset Until)> answers = new(StringComparer.Ordinal);

    public DockerConfig? Find(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (answers.TryGetValue(key, out var known) && known.Until > time.GetUtcNow())
                return known.Answer;
        }

        return null;
    }

    public DockerConfig Keep(string key, DockerConfig answer, TimeSpan duration)
    {
        if (answers.Count >= MostAnswers)
            answers.Clear();
        if (duration > TimeSpan.Zero)
            answers[key] = (answer, time.GetUtcNow() + (duration < Longest ? duration : Longest));
        return answer;
    }

    public DockerConfig KeepFailure(string key, string sentence) => Keep(key, DockerConfig.Empty with { Warnings = [sentence] }, AfterFailure);
}
