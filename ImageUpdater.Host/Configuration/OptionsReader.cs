using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>Reads <see cref="ImageUpdaterOptions"/> and tells all problems at once, each in the words of the key that the user set.</summary>
internal static class OptionsReader
{
    private const string LogLevels = "Logging:LogLevel";

    public static IConfigurationRoot Configure(IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string?> commandLine) =>
        new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddInMemoryCollection(Keys(environment))
            .AddInMemoryCollection(commandLine)
            .Build();

    public static Result<ImageUpdaterOptions, IReadOnlyList<string>> Read(IConfiguration configuration)
    {
        var reading = new OptionReading(configuration);
        var options = new ImageUpdaterOptions(Root(reading));
        string[] problems = [.. UnknownOptions.In(reading), .. reading.Problems, .. LogLevelProblems(configuration)];
        if (problems.Length > 0)
            return problems;
        return options;
    }

    /// <summary>All options, as they are when nothing is set.</summary>
    public static OptionSource Describe()
    {
        var root = Root(new OptionReading(new ConfigurationBuilder().Build(), isDescribing: true));
        _ = new ImageUpdaterOptions(root);
        return root;
    }

    // As the platform's own source of variables reads them, which reads those of the process only.
    private static Dictionary<string, string?> Keys(IReadOnlyDictionary<string, string> environment)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment)
            keys[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        return keys;
    }

    private static OptionSource Root(OptionReading reading) => new(reading, ImageUpdaterOptions.Section);

    // The platform reads them itself, later and with an exception.
    private static IEnumerable<string> LogLevelProblems(IConfiguration configuration) => configuration.GetSection(LogLevels).GetChildren()
        .Where(level => !string.IsNullOrEmpty(level.Value) && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
        .Select(level =>
            $"Logging__LogLevel__{OutsideText.Bound(level.Key, 80)} is '{OutsideText.Bound(level.Value, 40)}': give {string.Join(", ", Enum.GetNames<LogLevel>())}");
}
