using static System.Environment;

namespace ImageUpdater.Host.Configuration;

/// <summary>Where state is stored, and how long.</summary>
internal sealed class StateOptions(OptionSource source)
{
    /// <summary>The SQLite file.</summary>
    public string Path { get; } = source.ReadOrNone(
        "State", OptionKinds.Text("path"), "`$XDG_STATE_HOME/image-updater/state.db`, else `~/.local/state/image-updater/state.db`",
        "The SQLite file of the state store. Its folder is created if missing. `--state` overrides it.") ?? DefaultPath();

    /// <summary>How long audit records, rollouts, plans and observations are kept.</summary>
    public TimeSpan Retention { get; } = source.Read(
        "RetentionDays", OptionKinds.Scaled(TimeSpan.FromDays(1), 3650, "days"), "90",
        "How long audit records, rollouts, plans and observations are kept. The newest record of each workload is kept as long as the workload.");

    /// <summary>The state folder of the XDG Base Directory Specification.</summary>
    private static string DefaultPath()
    {
        var folder = GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : System.IO.Path.Combine(GetFolderPath(SpecialFolder.UserProfile), ".local", "state");
        return System.IO.Path.Combine(folder, "image-updater", "state.db");
    }
}
