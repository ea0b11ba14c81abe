using System.Text.RegularExpressions;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>A mounted file system: a line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Root">Which folder of the file system is mounted there.</param>
/// <param name="Type">Of the file system.</param>
internal sealed partial record Mount(string Point, string Root, string Type)
{
    /// <summary>The writable layer of a container: containerd, CRI-O and Docker use overlayfs.</summary>
    public bool IsContainerLayer => Point == "/" && Type is "overlay" or "aufs" or "fuse.fuse-overlayfs";

    /// <summary>By the folder in which the kubelet keeps them.</summary>
    public bool IsEmptyDir => Root.Contains("/kubernetes.io~empty-dir/", StringComparison.Ordinal) || Point.Contains("/kubernetes.io~empty-dir/", StringComparison.Ordinal);

    public bool IsMemory => Type is "tmpfs" or "ramfs";

    public bool IsNetwork => Type is "nfs" or "nfs4" or "cifs" or "smb3" or "smbfs" or "9p" or "fuse.sshfs" or "fuse.glusterfs" or "ceph";

    /// <summary>The mount that a folder is on; the last one counts where several are mounted at the same place.</summary>
    public static Mount? Of(string folder, IEnumerable<string> mountinfo) => mountinfo
        .Select(Parse).OfType<Mount>()
        .Where(mount => mount.Point == "/" || folder == mount.Point || folder.StartsWith(mount.Point + "/", StringComparison.Ordinal))
        .Aggregate((Mount?)null, (best, mount) => best is null || mount.Point.Length >= best.Point.Length ? mount : best);

    // 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw: the number of fields before the hyphen varies.
    private static Mount? Parse(string line) => line.Split(" - ", 2) is [var first, var second] && first.Split(' ') is { Length: >= 6 } fields
        ? new Mount(Unescaped(fields[4]), Unescaped(fields[3]), second.Split(' ')[0])
        : null;

    // Blanks, tabs, line breaks and backslashes are octal.
    private static string Unescaped(string text) => Octal().Replace(text, match => ((char)Convert.ToInt32(match.Groups["code"].Value, fromBase: 8)).ToString());

    [GeneratedRegex(@"\\(?<code>[0-7]{3})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Octal();
}
