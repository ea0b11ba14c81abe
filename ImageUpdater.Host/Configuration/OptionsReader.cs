using System.Globalization;
using ImageUpdater.Core;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Planning.Holds;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Registry;
using ImageUpdater.Host.Registry.Programs;

namespace ImageUpdater.Host.Configuration;

/// <summary>Reads <see cref="ImageUpdaterOptions"/> and tells all problems at once, each in the words of the key that the user set.</summary>
internal sealed class OptionsReader
{
    private const int MaxSeconds = 7 * 24 * 60 * 60;
    private const string LogLevels = "Logging:LogLevel";

    // Published names of the Python operator, which stay valid. Our own name wins where both are set.
    private static readonly Dictionary<string, string> Published = new(StringComparer.Ordinal)
    {
        ["CheckInterval"] = "CHECK_INTERVAL",
        ["AutomaticallySetImagePullPolicyToAlways"] = "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS",
    };

    private readonly IConfiguration configuration;
    private readonly List<string> problems = [];

    private OptionsReader(IConfiguration configuration) => this.configuration = configuration;

    public static IConfigurationRoot Configure(IEnumerable<KeyValuePair<string, string?>> commandLine) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(commandLine)
        .Build();

    public static Result<ImageUpdaterOptions, IReadOnlyList<string>> Read(IConfiguration configuration)
    {
        var reader = new OptionsReader(configuration);
        var options = reader.Read();
        if (reader.problems.Count > 0)
            return reader.problems;
        return options;
    }

    private ImageUpdaterOptions Read()
    {
        var registries = RegistryConfiguration.Read(configuration);
        problems.AddRange((registries.Failure ?? []).Select(problem => problem.TrimEnd('.')));
        CheckLogLevels();
        var file = RegistriesFileOf(Value("RegistriesFile").Text);
        var plugins = PluginsOf(Value("CredentialProviders", "Config").Text, Value("CredentialProviders", "BinDir").Text);
        var rolloutTimeout = TimeSpan.FromSeconds(Whole("RolloutTimeout", fallback: 900, MaxSeconds));
        return new ImageUpdaterOptions
        {
            CheckInterval = TimeSpan.FromSeconds(Whole("CheckInterval", fallback: 300, MaxSeconds)),
            PullPolicyAlways = Flag("AutomaticallySetImagePullPolicyToAlways", fallback: false),
            FirstSeen = FirstSeenOf(Value("FirstSeen")),
            StatePath = Value("State").Text ?? DefaultStatePath(),
            Self = SelfOf(Value("Self")),
            Namespaces = NamespacesOf(Value("Namespaces")),
            ReadPullSecrets = Flag("ReadPullSecrets", fallback: true),
            PullSecretNamespaces = NamespacesOf(Value("PullSecretNamespaces")),
            RolloutTimeout = rolloutTimeout,
            Holds = HoldsOf(rolloutTimeout),
            Retention = TimeSpan.FromDays(Whole("RetentionDays", fallback: 90, max: 3650)),
            Port = Whole("Port", fallback: 8080, max: 65535),
            Events = Flag("Events", fallback: true),
            JsonLogs = JsonLogsOf(Value("Logs")),
            Registries = RegistriesFile.Merge(registries.Value ?? [], file.Registries),
            CredentialPlugins = plugins.Plugins,
            RegistryWarnings = [.. file.Warnings, .. plugins.Warnings],
        };
    }

    /// <summary>Where a program keeps state by the XDG base directory specification.</summary>
    private static string DefaultStatePath()
    {
        var folder = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(folder, "image-updater", "state.db");
    }

    private RegistriesFile RegistriesFileOf(string? path)
    {
        if (path is null)
            return new RegistriesFile([], []);
        if (RegistriesFile.Read(path).IsSuccess(out var file, out var found))
            return file;

        problems.AddRange(found.Select(problem => problem.TrimEnd('.')));
        return new RegistriesFile([], []);
    }

    private CredentialPluginConfig PluginsOf(string? config, string? folder)
    {
        if (config is null && folder is null)
            return CredentialPluginConfig.None;
        if (config is null || folder is null)
            problems.Add("ImageUpdater__CredentialProviders__Config and ImageUpdater__CredentialProviders__BinDir are given together or not at all");
        else if (CredentialPluginConfig.Read(config, folder).IsSuccess(out var plugins, out var found))
            return plugins;
        else
            problems.AddRange(found.Select(problem => problem.TrimEnd('.')));
        return CredentialPluginConfig.None;
    }

    private (string Name, string? Text) Value(string section, string key) => Value($"{section}:{key}");

    private (string Name, string? Text) Value(string key)
    {
        var own = configuration[$"{ImageUpdaterOptions.Section}:{key}"];
        if (string.IsNullOrWhiteSpace(own) && Published.TryGetValue(key, out var published)
            && configuration[published] is { } text && !string.IsNullOrWhiteSpace(text))
        {
            return (published, text.Trim());
        }

        return ($"{ImageUpdaterOptions.Section}__{key}", string.IsNullOrWhiteSpace(own) ? null : own.Trim());
    }

    private int Whole(string key, int fallback, int max)
    {
        var (name, text) = Value(key);
        if (text is null)
            return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max)
            return number;

        problems.Add($"{name} is '{OutsideText.Bound(text, 40)}': give a whole number from 1 to {max}");
        return fallback;
    }

    private bool Flag(string key, bool fallback)
    {
        var (name, text) = Value(key);
        switch (text?.ToLowerInvariant())
        {
            case null:
                return fallback;
            case "true" or "1" or "yes":
                return true;
            case "false" or "0" or "no":
                return false;
            default:
                problems.Add($"{name} is '{OutsideText.Bound(text, 40)}': give true or false");
                return fallback;
        }
    }

    private HoldOptions HoldsOf(TimeSpan rolloutTimeout) => new()
    {
        Window = WindowOf(Value("Window")),
        Cooldown = Span("Cooldown"),
        MinAge = Span("MinAge"),
        ApprovalRequired = ApprovalOf(Value("Approval")),
        MaxRollouts = Whole("MaxRollouts", fallback: 5, max: 10_000),
        MaxRolloutsPerNamespace = Whole("MaxRolloutsPerNamespace", fallback: 2, max: 10_000),
        QuarantineEverywhere = Flag("QuarantineEverywhere", fallback: true),
        RolloutTimeout = rolloutTimeout,
    };

    private WeeklyWindows WindowOf((string Name, string? Text) value)
    {
        if (value.Text is null)
            return WeeklyWindows.Always;
        if (WeeklyWindows.Parse(value.Text).IsSuccess(out var windows, out var problem))
            return windows;

        problems.Add($"{value.Name}: {problem}");
        return WeeklyWindows.Always;
    }

    private TimeSpan Span(string key)
    {
        var (name, text) = Value(key);
        if (text is null)
            return TimeSpan.Zero;
        if (Durations.Parse(text) is { } span)
            return span;

        problems.Add($"{name} is '{OutsideText.Bound(text, 40)}', which is no span of time: give {Durations.Examples}");
        return TimeSpan.Zero;
    }

    private bool ApprovalOf((string Name, string? Text) value)
    {
        switch (value.Text?.ToLowerInvariant())
        {
            case null or "none":
                return false;
            case "required":
                return true;
            default:
                problems.Add($"{value.Name} is '{OutsideText.Bound(value.Text, 40)}': give none or required");
                return false;
        }
    }

    private FirstSeen FirstSeenOf((string Name, string? Text) value)
    {
        switch (value.Text?.ToLowerInvariant())
        {
            case null or "adopt":
                return FirstSeen.Adopt;
            case "restart":
                return FirstSeen.Restart;
            default:
                problems.Add($"{value.Name} is '{OutsideText.Bound(value.Text, 40)}': give Adopt or Restart");
                return FirstSeen.Adopt;
        }
    }

    private bool JsonLogsOf((string Name, string? Text) value)
    {
        switch (value.Text?.ToLowerInvariant())
        {
            case null or "text":
                return false;
            case "json":
                return true;
            default:
                problems.Add($"{value.Name} is '{OutsideText.Bound(value.Text, 40)}': give Text or Json");
                return false;
        }
    }

    // The platform reads them itself, later and with an exception.
    private void CheckLogLevels()
    {
        foreach (var level in configuration.GetSection(LogLevels).GetChildren())
        {
            if (!string.IsNullOrEmpty(level.Value) && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
            {
                problems.Add(
                    $"Logging__LogLevel__{OutsideText.Bound(level.Key, 80)} is '{OutsideText.Bound(level.Value, 40)}': give {string.Join(", ", Enum.GetNames<LogLevel>())}");
            }
        }
    }

    private string[] NamespacesOf((string Name, string? Text) value)
    {
        var names = (value.Text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        if (Array.Find(names, name => !IsNamespace(name)) is { } wrong)
            problems.Add($"{value.Name} has '{OutsideText.Bound(wrong, 80)}': give names of namespaces with commas between, for example shop,media");
        else if (value.Text is not null && names.Length == 0)
            problems.Add($"{value.Name} has no name in it: give names of namespaces with commas between, or leave it out for all");
        return names;
    }

    // An RFC 1123 label. Anything else would be a path of the API that nobody meant.
    private static bool IsNamespace(string name) =>
        name.Length <= 63 && name[0] != '-' && name[^1] != '-' && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    private WorkloadKey? SelfOf((string Name, string? Text) value)
    {
        if (value.Text is null)
            return null;
        if (value.Text.Split('/') is [{ Length: > 0 } @namespace, var kindText, { Length: > 0 } name] && WorkloadKey.TryParseKind(kindText, out var kind))
            return new WorkloadKey(@namespace, kind.Value, name);

        problems.Add($"{value.Name} is '{OutsideText.Bound(value.Text, 80)}': give namespace/kind/name, for example image-updater/deployment/image-updater");
        return null;
    }
}
