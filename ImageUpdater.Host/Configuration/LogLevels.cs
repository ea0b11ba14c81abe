using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>Validates the section <c>Logging</c>: .NET reads it later, and throws on an invalid level or ignores it silently.</summary>
internal static class LogLevels
{
    private const string Levels = "LogLevel";

    /// <summary>Problems of <c>Logging:LogLevel</c> and of a provider's own, such as <c>Logging:Console:LogLevel</c>.</summary>
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
            yield return $"{Name(levels)} cannot be set by itself; set a category, for example {Name(levels)}__Default";
        foreach (var level in levels.GetChildren().Where(level => !string.IsNullOrEmpty(level.Value) && !IsLevel(level.Value)))
            yield return $"{Name(level)}: invalid value '{UntrustedText.Bound(level.Value, 40)}'; use {string.Join(", ", Enum.GetNames<LogLevel>())}";
    }

    private static bool IsLevel(string text) => Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level);

    private static string Name(IConfigurationSection section) => UntrustedText.Bound(OptionDefinition.NameOf(section.Path), 160);
}
