using System.Diagnostics.CodeAnalysis;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// Some tests require programs that a machine may lack. Then they are skipped with the reason, unless
/// <c>IMAGE_UPDATER_TEST_REQUIRE</c> (comma-separated) lists the requirement: CI sets it, so that no test is skipped unnoticed.
/// </summary>
internal static class Requirement
{
    private const string Variable = "IMAGE_UPDATER_TEST_REQUIRE";

    /// <summary>Skips the running test for this reason, or fails it if the requirement is listed.</summary>
    [DoesNotReturn]
    public static void Skip(string part, string reason)
    {
        var required = (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Assert.False(required.Contains(part, StringComparer.Ordinal), $"{Variable} requires {part}: {reason}");
        Assert.Skip(reason);
    }

    /// <summary>Skips the running test elsewhere.</summary>
    public static void Linux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "requires Linux");

    /// <summary>The path of a program; null if it is not in <c>PATH</c>.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
