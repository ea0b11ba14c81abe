using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>Reads <see cref="ImageUpdaterOptions"/> and reports all problems at once, each with the key that the user set.</summary>
internal static class OptionsReader
{
    /// <summary>Loads the settings of the file, the environment and the command line, later ones overriding earlier ones; or returns a message why not.</summary>
    /// <param name="state">The path of the state store from the command line, if any.</param>
    /// <param name="folder">The folder of <c>appsettings.json</c>; by default that of the executable.</param>
    /// <param name="logFormat">The format of the log from the command line, if any.</param>
    public static Result<ConfigurationRoot, string> Load(IReadOnlyDictionary<string, string> environment, string? state = null, string? folder = null, LogFormat? logFormat = null)
    {
        var file = Path.Combine(folder ?? AppContext.BaseDirectory, "appsettings.json");
        // Docker creates an empty folder for a bind mount whose source is missing. AddJsonFile would treat it as a missing optional file.
        if (Directory.Exists(file))
            return $"cannot read the configuration: {file} is a folder";

        try
        {
            var builder = new ConfigurationBuilder()
                .AddJsonFile(file, optional: true)
                .AddInMemoryCollection(environment.DistinctBy(variable => Key(variable.Key), StringComparer.OrdinalIgnoreCase)
                    .Select(variable => KeyValuePair.Create(Key(variable.Key), (string?)variable.Value)));
            builder.AddInMemoryCollection(Overriding(("State", state), ("LogFormat", logFormat?.ToString())));
            return (ConfigurationRoot)builder.Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            // Only the innermost exception says what is wrong, and where.
            return $"cannot read the configuration: {file}: {UntrustedText.Bound(exception.GetBaseException().Message)}";
        }
    }

    public static Result<ImageUpdaterOptions, IReadOnlyList<string>> Read(IConfiguration configuration, params IEnumerable<string> others)
    {
        var reading = new OptionReading(configuration);
        var options = new ImageUpdaterOptions(Root(reading));
        string[] problems = [.. UnknownOptions.In(reading), .. reading.Problems, .. others, .. LogLevels.Problems(configuration)];
        if (problems.Length > 0)
            return problems;
        return options;
    }

    /// <summary>All options with their defaults.</summary>
    public static OptionSource Describe()
    {
        var root = Root(new OptionReading(new ConfigurationBuilder().Build(), isDescribing: true));
        _ = new ImageUpdaterOptions(root);
        return root;
    }

    // As .NET's own EnvironmentVariablesConfigurationProvider does, which only reads the process's variables.
    private static string Key(string variable) => variable.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    // Variable names are case-sensitive and option names are not: which of two would win is undefined.
    public static IEnumerable<string> Contradictions(IReadOnlyDictionary<string, string> environment) => environment
        .Where(variable => Key(variable.Key).StartsWith(ImageUpdaterOptions.Section + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase))
        .GroupBy(variable => Key(variable.Key), StringComparer.OrdinalIgnoreCase)
        .Where(same => same.Select(variable => variable.Value).Distinct(StringComparer.Ordinal).Count() > 1)
        .Select(same => $"{UntrustedText.Bound(string.Join(" and ", same.Select(variable => variable.Key).Order(StringComparer.Ordinal)))} set the same option to different values; keep one of them");

    private static IEnumerable<KeyValuePair<string, string?>> Overriding(params IEnumerable<(string Key, string? Value)> given) => given
        .Where(option => !string.IsNullOrEmpty(option.Value))
        .Select(option => KeyValuePair.Create(ConfigurationPath.Combine(ImageUpdaterOptions.Section, option.Key), option.Value));

    private static OptionSource Root(OptionReading reading) => new(reading, ImageUpdaterOptions.Section);
}
