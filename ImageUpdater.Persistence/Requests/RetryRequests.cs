using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Requests;

/// <param name="Actor">Who asks.</param>
public sealed record RetryRequest(WorkloadKey Workload, string Actor);

/// <summary>
/// Retries that a command requests while another process writes to the store, which must be the only one (<see cref="Sqlite.LockFile"/>): one small
/// file per workload in the folder <c>PATH.retries</c>, which the writing process takes and deletes.
/// </summary>
public sealed class RetryRequests
{
    // Whoever can write to the folder can write to the store, too; the limits are for accidents.
    private const int MaxRequests = 1000;
    private const int MaxActorBytes = 1024;

    private readonly string folder;

    internal RetryRequests(string storePath) => folder = storePath + ".retries";

    public bool Any => Pending().Count > 0;

    /// <exception cref="StateStoreException">The request could not be written.</exception>
    public void Add(RetryRequest request)
    {
        try
        {
            if (PrivateFile.IsLink(folder))
                throw new IOException("it is a symbolic link");
            Directory.CreateDirectory(folder);
            // Renamed when it is complete: the other process must not read half of it.
            PrivateFile.Replace(PathOf(request.Workload), UntrustedText.Bound(request.Actor));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateStoreException($"cannot write to {folder}: {UntrustedText.Bound(exception.Message)}", StateStoreProblem.InputOutput, exception);
        }
    }

    /// <summary>The requests, in the order of their workloads. One that can't be read is left out until it can, and files that are no requests are ignored.</summary>
    public IReadOnlyList<RetryRequest> Pending()
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFiles(folder).Select(Read).OfType<RetryRequest>().Take(MaxRequests).OrderBy(request => request.Workload)]
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // The volume is away; the next cycle reads again.
        }
    }

    /// <summary>The request was carried out.</summary>
    /// <exception cref="StateStoreException">It could not be deleted, and would be carried out again.</exception>
    public void Done(RetryRequest request)
    {
        try
        {
            File.Delete(PathOf(request.Workload));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateStoreException($"cannot delete {PathOf(request.Workload)}: {UntrustedText.Bound(exception.Message)}", StateStoreProblem.InputOutput, exception);
        }
    }

    // KIND.NAMESPACE.NAME: only the name may have dots in it.
    private string PathOf(WorkloadKey workload) => Path.Combine(folder, $"{WorkloadKey.KindName(workload.Kind)}.{workload.Namespace}.{workload.Name}");

    private static RetryRequest? Read(string path)
    {
        if (Path.GetFileName(path).Split('.', 3) is not [var kindText, { Length: > 0 } @namespace, { Length: > 0 } name] || !WorkloadKey.TryParseKind(kindText, out var kind))
            return null;

        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxActorBytes];
            var actor = UntrustedText.Bound(Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            return new RetryRequest(new WorkloadKey(@namespace, kind.Value, name), actor.Length == 0 ? "unknown" : actor);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
