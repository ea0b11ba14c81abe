using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Requests;

namespace ImageUpdater.Host.Planning;

/// <summary>Carries out the retries that other processes requested. A request is deleted afterwards: after a crash in between, nothing is held any more.</summary>
internal sealed class RequestedRetries(RetryRequests requests, IPlanningState store)
{
    public bool Any => requests.Any;

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        foreach (var request in requests.Pending())
        {
            await store.RetryAsync(request.Workload, request.Actor, cancellationToken);
            requests.Done(request);
        }
    }
}
