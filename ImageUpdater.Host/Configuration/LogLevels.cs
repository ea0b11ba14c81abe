using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>The section <c>Logging</c> is the platform's, which reads it later, with an exception for what it does not understand, or without a word.</summary>
internal static class LogLevels
{
    private const string Levels = "LogLevel";

    /// <summary>Of <c>Logging:LogLevel</c>, and of <c>Logging:Console:LogLevel</c>, which is for one way of logging.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var logging = configuration.GetSection("Logging");
        return logging.GetChildren()
            .Select(part => string.Equals(part.Key, Levels, StringComparison.OrdinalIgnoreCase) ? part : part.GetSection(Levels))
            .SelectMany(ProblemsOf);
    }

    private static IEnumerable<string> ProblemsOf(IConfigurationSection levels)
    {
        if (!string.IsNullOrEmpty(levels.Value))
            yield return $"{Name(levels)} is not a level by itself: name a part of the program, or all, as in {Name(levels)}__Default";
        foreach (var level in levels.GetChildren().Where(level => !string.IsNullOrEmpty(level.Value) && !IsLevel(level.Value)))
            yield return $"{Name(level)} is '{UntrustedText.Bound(level.Value, 40)}': give {string.Join(", ", Enum.GetNames<LogLevel>())}";
    }

    private static bool IsLevel(string text) => Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level);

    private static string Name(IConfigurationSection section) => UntrustedText.Bound(OptionDefinition.NameOf(section.Path), 160);
}
