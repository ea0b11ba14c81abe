using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>Reads <see cref="ImageUpdaterOptions"/> and tells all problems at once, each in the words of the key that the user set.</summary>
internal static class OptionsReader
{
    /// <summary>The settings as they stand in the file, the environment and the call, the later winning; or in one sentence why they can't be had.</summary>
    /// <param name="state">The path of the state store, where the call names one.</param>
    /// <param name="folder">Where <c>appsettings.json</c> is: that of the executable.</param>
    public static Result<ConfigurationRoot, string> Load(IReadOnlyDictionary<string, string> environment, string? state = null, string? folder = null)
    {
        var file = Path.Combine(folder ?? AppContext.BaseDirectory, "appsettings.json");
        // A file that a container's volume should have brought, for which an empty folder was made. To the platform it is a file that is not there.
        if (Directory.Exists(file))
            return $"the configuration can't be read: {file} is a folder";

        try
        {
            var builder = new ConfigurationBuilder()
                .AddJsonFile(file, optional: true)
                .AddInMemoryCollection(environment.DistinctBy(variable => Key(variable.Key), StringComparer.OrdinalIgnoreCase)
                    .Select(variable => KeyValuePair.Create(Key(variable.Key), (string?)variable.Value)));
            if (!string.IsNullOrEmpty(state))
                builder.AddInMemoryCollection([KeyValuePair.Create(ConfigurationPath.Combine(ImageUpdaterOptions.Section, "State"), (string?)state)]);
            return (ConfigurationRoot)builder.Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            // The innermost says what and where; those around it that there is something.
            return $"the configuration can't be read: {file}: {UntrustedText.Bound(exception.GetBaseException().Message)}";
        }
    }

    public static Result<ImageUpdaterOptions, IReadOnlyList<string>> Read(IConfiguration configuration, params IEnumerable<string> besides)
    {
        var reading = new OptionReading(configuration);
        var options = new ImageUpdaterOptions(Root(reading));
        string[] problems = [.. UnknownOptions.In(reading), .. reading.Problems, .. besides, .. LogLevels.Problems(configuration)];
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
    private static string Key(string variable) => variable.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    // Names of variables differ by their capital letters, and those of options don't: which of two would count is chance.
    public static IEnumerable<string> Contradictions(IReadOnlyDictionary<string, string> environment) => environment
        .Where(variable => Key(variable.Key).StartsWith(ImageUpdaterOptions.Section + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase))
        .GroupBy(variable => Key(variable.Key), StringComparer.OrdinalIgnoreCase)
        .Where(same => same.Select(variable => variable.Value).Distinct(StringComparer.Ordinal).Count() > 1)
        .Select(same => $"{UntrustedText.Bound(string.Join(" and ", same.Select(variable => variable.Key).Order(StringComparer.Ordinal)))} are one option with several values: set one of them");

    private static OptionSource Root(OptionReading reading) => new(reading, ImageUpdaterOptions.Section);
}
