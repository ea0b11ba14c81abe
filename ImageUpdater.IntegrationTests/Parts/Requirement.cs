namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// Some tests want a real part that a machine may lack. There they are skipped, with the reason, unless
/// <c>IMAGE_UPDATER_TEST_REQUIRE</c> (comma-separated) names the part: CI sets it, so that nothing is skipped unseen.
/// </summary>
internal static class Requirement
{
    private const string Variable = "IMAGE_UPDATER_TEST_REQUIRE";

    /// <summary>Skips the running test (a <c>SkippableFact</c>) for this reason, or fails it where the part is required.</summary>
    public static void Skip(string part, string reason)
    {
        var required = (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.False(required.Contains(part, StringComparer.Ordinal), $"{Variable} requires {part}: {reason}");
        Xunit.Skip.If(condition: true, reason);
    }

    /// <summary>The path of a program, or null where <c>PATH</c> has none of that name.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
