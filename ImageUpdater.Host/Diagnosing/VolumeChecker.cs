using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>The folder of the state store.</summary>
/// <param name="Folder">The folder itself, or if there is none yet the one in which it will be created.</param>
/// <param name="WriteProblem">Why a file could not be written; null if one could.</param>
/// <param name="Flush">How long writing a small file to the disk took.</param>
/// <param name="Free">Bytes; null if that is not known.</param>
/// <param name="Mount">Null where the system does not say.</param>
/// <param name="Store">Why the store could not be opened; null if it could.</param>
internal sealed record VolumeState(string Folder, string? WriteProblem, TimeSpan Flush, long? Free, Mount? Mount, StateStoreRefusal? Store);

/// <summary>Whether the state can be written, how much space there is, and whether it outlives the container.</summary>
internal static class VolumeChecker
{
    private const long MiB = 1024 * 1024;

    // A week of a busy cluster (operations.md, "Sizing").
    private const long Enough = 100 * MiB;

    private static readonly TimeSpan SlowFlush = TimeSpan.FromSeconds(1);

    public static IEnumerable<Finding> Of(VolumeState volume)
    {
        if (volume.Store is { Kind: not StateStoreProblem.NoState } refusal)
            yield return Failed(refusal.Message, "see docs/operations.md");
        if (volume.WriteProblem is { } problem)
        {
            yield return Failed($"cannot write to {volume.Folder}: {problem}", "make user or group 65532 the owner, or set ImageUpdater__State to a file elsewhere");
            yield break;
        }

        yield return new Finding(
            DoctorCheck.Volume, volume.Free < Enough ? FindingStatus.Warning : FindingStatus.Ok,
            $"{volume.Folder} can be written{(volume.Free is { } free ? $", {Words.Number(free / MiB)} MiB free" : "")}{(volume.Store is null ? "" : "; there is no state store yet")}",
            volume.Free < Enough ? $"enlarge the volume, or reduce ImageUpdater__RetentionDays; at least {Words.Number(Enough / MiB)} MiB should be free" : null);
        if (volume.Flush > SlowFlush)
            yield return Warning($"writing a small file to the disk took {Words.Span(volume.Flush)}", "each decision waits for the disk: use a faster volume");
        if (volume.Mount is { } mount && OfMount(volume.Folder, mount) is { } finding)
            yield return finding;
    }

    private static Finding? OfMount(string folder, Mount mount) => mount switch
    {
        { IsContainerLayer: true } => Warning($"{folder} is in the container, not on a volume: the state is lost with the container", "mount a volume there (chart: persistence.enabled)"),
        { IsEmptyDir: true } => Warning($"{folder} is an emptyDir: the state is lost with the pod", "use a persistent volume (chart: persistence.enabled)"),
        { IsMemory: true } => Warning($"{folder} is in memory ({mount.Type}): the state is lost with the machine", "set ImageUpdater__State to a file on a disk"),
        { IsNetwork: true } => Failed($"{folder} is on a network file system ({mount.Type}), where SQLite's write-ahead log does not work", "use a block volume (docs/install.md)"),
        _ => null,
    };

    private static Finding Failed(string message, string hint) => new(DoctorCheck.Volume, FindingStatus.Failed, message, hint);

    private static Finding Warning(string message, string hint) => new(DoctorCheck.Volume, FindingStatus.Warning, message, hint);
}
