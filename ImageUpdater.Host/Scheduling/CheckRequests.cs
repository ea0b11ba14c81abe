using ImageUpdater.Core;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Requests to check now. Each is answered by the next cycle, which checks their images besides those that are due; requests that wait for the same cycle
/// share its checks. The cycle does all else as always: holds, approvals, limits and the back-off of registries apply.
/// </summary>
internal sealed class CheckRequests(ControllerState state, ISchedulerFactory schedulers, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Requests that wait at the same time. All others are rejected at once.</summary>
    public const int MostWaiting = 16;

    // A cycle takes longer only if the API server answers slowly for thousands of workloads: registries that are late are left behind.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private List<Request> waiting = [];
    private int open;

    /// <param name="selection">Null to check nothing besides what is due.</param>
    /// <returns>The plan of the cycle, before it is applied; or why there is none, as a message. Null if too many requests wait.</returns>
    public async Task<Result<MadePlan, string>?> RunAsync(CheckSelection? selection, CancellationToken cancellationToken)
    {
        var request = new Request(selection);
        lock (gate)
        {
            if (open == MostWaiting)
                return null;
            open++;
            waiting.Add(request);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            state.CycleIsDue();
            await (await schedulers.GetScheduler(either.Token)).TriggerJob(ReconcileJob.Key, either.Token);
            return await request.Plan.Task.WaitAsync(LongestWait, time, either.Token);
        }
        catch (TimeoutException)
        {
            return $"the cycle has not ended after {LongestWait.TotalMinutes:0} minutes; it continues, and image-updater history shows what it does";
        }
        catch (Exception exception) when (lifetime.ApplicationStopping.IsCancellationRequested && exception is OperationCanceledException or SchedulerException)
        {
            return "the controller is stopping";
        }
        finally
        {
            lock (gate)
            {
                open--;
                waiting.Remove(request);
            }
        }
    }

    /// <summary>The requests that the cycle which begins now answers.</summary>
    public Batch Take()
    {
        lock (gate)
        {
            var taken = new Batch(waiting);
            waiting = [];
            return taken;
        }
    }

    internal sealed record Request(CheckSelection? Selection)
    {
        public TaskCompletionSource<Result<MadePlan, string>> Plan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class Batch(IReadOnlyList<Request> requests)
    {
        public IReadOnlyList<CheckSelection> Selections { get; } = [.. requests.Select(request => request.Selection).OfType<CheckSelection>().Distinct()];

        public void Answer(MadePlan plan) => End(plan);

        /// <summary>Does nothing after <see cref="Answer"/>, or another failure.</summary>
        public void Fail(string message) => End(message);

        private void End(Result<MadePlan, string> result)
        {
            foreach (var request in requests)
                request.Plan.TrySetResult(result);
        }
    }
}
