using System.Globalization;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Processes that a script has started and written the ids of to a file, one a line.</summary>
internal static class LeftProcesses
{
    /// <summary>Starts what a helper can leave behind, each holding the pipe: a child, one in a session of its own, and a grandchild there whose parent has ended.</summary>
    public static string Script(string folder) => $$"""
        sleep 600 & echo $! >> {{folder}}/pids
        setsid sleep 600 & echo $! >> {{folder}}/pids
        setsid sh -c 'sleep 600 & echo $! >> {{folder}}/pids; exit 0'

        """;

    public static IReadOnlyList<int> Of(string folder) =>
        [.. File.ReadAllLines(Path.Combine(folder, "pids")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    /// <summary>Nobody may have waited for one that has ended.</summary>
    public static bool IsRunning(int id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[(status.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
