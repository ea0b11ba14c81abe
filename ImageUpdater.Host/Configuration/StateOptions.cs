using static System.Environment;

namespace ImageUpdater.Host.Configuration;

/// <summary>What is kept, and where.</summary>
internal sealed class StateOptions(OptionSource source)
{
    /// <summary>The SQLite file.</summary>
    public string Path { get; } = source.ReadOrNone(
        "State", OptionKinds.Text("path"), "`$XDG_STATE_HOME/image-updater/state.db`, else `~/.local/state/image-updater/state.db`",
        "The SQLite file with what ImageUpdater knows. Its folder is made. `--state` wins.") ?? DefaultPath();

    /// <summary>How long audit records, rollouts, plans and observations are kept.</summary>
    public TimeSpan Retention { get; } = source.Read(
        "RetentionDays", OptionKinds.Scaled(TimeSpan.FromDays(1), 3650, "days"), "90",
        "How long records, rollouts, plans and observations are kept. The newest record of each workload always stays.");

    /// <summary>Where a program keeps state by the XDG base directory specification.</summary>
    private static string DefaultPath()
    {
        var folder = GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : System.IO.Path.Combine(GetFolderPath(SpecialFolder.UserProfile), ".local", "state");
        return System.IO.Path.Combine(folder, "image-updater", "state.db");
    }
}
