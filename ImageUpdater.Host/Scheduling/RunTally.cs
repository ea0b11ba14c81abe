using ImageUpdater.Core.Auditing;

namespace ImageUpdater.Host.Scheduling;

/// <summary>What happened since the start of this process, for its last log line. Thread-safe.</summary>
internal sealed class RunTally
{
    private int cycles;
    private int failedCycles;
    private int restarts;
    private int succeeded;
    private int failed;

    public int Cycles => cycles;

    public int FailedCycles => failedCycles;

    public int Restarts => restarts;

    public int Succeeded => succeeded;

    /// <summary>Rollouts that failed, timed out, were reverted or ended with a mismatch, and restarts that could not be carried out.</summary>
    public int Failed => failed;

    public void CycleEnded(bool isSuccess)
    {
        Interlocked.Increment(ref cycles);
        if (!isSuccess)
            Interlocked.Increment(ref failedCycles);
    }

    public void Recorded(AuditAction action)
    {
        switch (action)
        {
            case AuditAction.Restarted:
                Interlocked.Increment(ref restarts);
                break;
            case AuditAction.RolloutSucceeded:
                Interlocked.Increment(ref succeeded);
                break;
            case AuditAction.RestartFailed or AuditAction.RolloutFailed or AuditAction.RolloutMismatch or AuditAction.RolloutReverted:
                Interlocked.Increment(ref failed);
                break;
        }
    }
}
