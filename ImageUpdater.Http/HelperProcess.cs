using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ImageUpdater.Http;

/// <summary>What the programs have in common that give credentials (Docker's helpers, the kubelet's plugins, exec plugins of a kubeconfig).</summary>
/// <remarks>
/// .NET starts a child in our own process group, and knows only children whose parents still run. A helper that forks and exits would therefore leave
/// processes behind, each time it is run. So each run is marked with a variable that its processes inherit, also through <c>setsid</c>, and after a failure
/// all that have the mark, and all their children, are killed. What can't be found: a process that has cleared its environment and whose parents have all
/// ended, and one whose environment we may not read (another user's). Only Linux shows the environment of other processes; elsewhere, children
/// whose parents still run are killed.
/// </remarks>
internal static class HelperProcess
{
    public const string Mark = "IMAGE_UPDATER_HELPER_RUN";

    // A process may fork while the others are looked for.
    private const int MaxRounds = 20;

    /// <summary>
    /// Marks the run, and removes what ImageUpdater was given but a helper must not have: our options, among them the passwords of registries, and Docker's
    /// variable with accounts. The rest stays: helpers need HOME, PATH, proxies, and whatever their cloud's libraries read.
    /// </summary>
    public static void Prepare(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(IsOurs).ToList())
            environment.Remove(name);
        environment[Mark] = Guid.NewGuid().ToString("N");
    }

    /// <summary>Kills the process and all that it started.</summary>
    public static void KillAll(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has already ended, or a child could not be killed: the next lines look for that again.
        }

        if (OperatingSystem.IsLinux() && process.StartInfo.Environment.TryGetValue(Mark, out var mark) && mark is not null)
            KillMarked(Encoding.UTF8.GetBytes($"{Mark}={mark}"));
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("ImageUpdater__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ImageUpdater:", StringComparison.OrdinalIgnoreCase)
        || name is "DOCKER_AUTH_CONFIG" or Mark;

    private static void KillMarked(byte[] mark)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var killed = false;
            foreach (var other in Process.GetProcesses())
            {
                using (other)
                    killed |= IsMarked(other.Id, mark) && Kill(other);
            }

            if (!killed)
                return;
        }
    }

    private static bool Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            return false; // It has ended, or is another user's.
        }
    }

    // A process that has ended and is not waited for yet has an empty environment.
    private static bool IsMarked(int id, byte[] mark)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id}/environ").AsSpan().IndexOf(mark) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
