using ImageUpdater.Core;
using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Logs the cycles. They run every half minute for years, so that news is logged at once, a summary once an hour, and each cycle at debug level only. Changed
/// decisions are logged with their audit records; adoptions are summed up here, since the first cycle may have thousands.
/// </summary>
internal sealed partial class CycleLog(CheckingOptions checking, RunTally tally, TimeProvider time, ILogger<CycleLog> logger)
{
    private static readonly TimeSpan SummaryEvery = TimeSpan.FromHours(1);

    // A failed check is repeated after little more than an hour at most, or after the check interval if that is longer.
    private readonly TimeSpan warningsLast = TimeSpan.FromHours(2) + (2 * checking.CheckInterval);
    private readonly RecentWarnings ofCluster = new(time);
    private readonly RecentWarnings ofWorkloads = new(time);
    private (string Text, DateTimeOffset Since)? problem;
    private DateTimeOffset counted = time.GetUtcNow();
    private int cycles;
    private int failures;
    private bool hasPlanned;

    public void Done(MadePlan made)
    {
        if (problem is { } was)
            WorksAgain(was.Since, was.Text);
        problem = null;

        foreach (var warning in ofCluster.Take(made.Plan.Warnings))
            Warning(warning);
        foreach (var (warning, last) in ofCluster.Over(warningsLast))
            WarningOver(warning, last);
        foreach (var warning in ofWorkloads.Take(made.Plan.Workloads.SelectMany(workload => workload.Warnings.Select(text => $"{workload.Key}: {text}"))))
            WorkloadWarning(warning);
        ofWorkloads.Over(warningsLast);

        var counts = made.Plan.Counts;
        if (!hasPlanned)
            FirstLook(made.Plan, counts);
        if (counts.Adopted > 0)
            Adopted(PlannedAdoptions.Describe(made.Plan), counts.Adopted, made.Id);
        var restarts = PlannedRestarts.Describe(counts);
        if (made.IsStored)
            Planned(made.Id, restarts, counts.Adopted, counts.Held, counts.Skipped, counts.Unchanged);
        else
            NothingNew(hasPlanned ? LogLevel.Debug : LogLevel.Information, restarts, counts.Held, counts.Skipped, counts.Unchanged);
        hasPlanned = true;
        Count(counts);
    }

    public void Unreadable(string reason) => Failed(reason, isNew => CouldNotRead(isNew ? LogLevel.Warning : LogLevel.Debug, reason));

    public void StoreFailed(StateStoreException exception) => Failed(exception.Message, isNew =>
    {
        CouldNotWrite(isNew ? LogLevel.Error : LogLevel.Debug, exception.Message);
        StoreFailure.LogCause(logger, exception);
    });

    public void Crashed(Exception exception) =>
        Failed(UntrustedText.Bound($"{exception.GetType().Name}: {exception.Message}"), isNew => FailedUnexpectedly(isNew ? LogLevel.Error : LogLevel.Debug, exception));

    private void FirstLook(RolloutPlan plan, PlanCounts counts)
    {
        var (enabled, containers, outdated) = (plan.Workloads.Count, plan.Workloads.Sum(workload => workload.Containers.Count), plan.Outdated.Count());
        FirstLook(
            $"{(SeenWorkloads.Describe(plan) ?? Words.Count(enabled, "workload")).TrimEnd('.')}; {Words.Count(containers, "container")}, {Words.Count(plan.ImageCount, "image")}, {Words.Number(counts.Adopted)} adopted, {Words.Number(outdated)} outdated",
            enabled + (plan.NotEnabled ?? 0), enabled, containers, plan.ImageCount, counts.Adopted, outdated);
        if (OutdatedWorkloads.Describe(plan) is { } restarts)
            Outdated(restarts);
    }

    private void Failed(string text, Action<bool> log)
    {
        log(problem?.Text != text);
        problem = (text, problem?.Since ?? time.GetUtcNow());
        failures++;
        Count(counts: null);
    }

    private void Count(PlanCounts? counts)
    {
        cycles++;
        tally.CycleEnded(isSuccess: counts is not null);
        var restarts = counts is null ? "" : PlannedRestarts.Describe(counts);
        var now = time.GetUtcNow();
        if (now - counted < SummaryEvery)
            return;

        if (counts is null)
            StillFailing(counted, cycles, failures, problem!.Value.Since, problem.Value.Text);
        else
            Summary(counted, cycles, failures, restarts, counts.Held, counts.Skipped, counts.Unchanged, ofCluster.Count + ofWorkloads.Count);
        (counted, cycles, failures) = (now, 0, 0);
    }

    [LoggerMessage(100, LogLevel.Information, "Plan {Plan}: {Due}, {Adopted} adopted, {Held} held, {Skipped} skipped, {Unchanged} unchanged")]
    private partial void Planned(string plan, string due, int adopted, int held, int skipped, int unchanged);

    [LoggerMessage(EventId = 105, Message = "Nothing new: {Due}, {Held} held, {Skipped} skipped, {Unchanged} unchanged")]
    private partial void NothingNew(LogLevel level, string due, int held, int skipped, int unchanged);

    [LoggerMessage(106, LogLevel.Information, "Since {Since:u}: {Cycles} cycles, {Failures} failed; now {Due}, {Held} held, {Skipped} skipped, {Unchanged} unchanged, {Warnings} warnings")]
    private partial void Summary(DateTimeOffset since, int cycles, int failures, string due, int held, int skipped, int unchanged, int warnings);

    [LoggerMessage(107, LogLevel.Warning, "Since {Since:u}: {Cycles} cycles, {Failures} failed, all since {FailingSince:u}: {Reason}")]
    private partial void StillFailing(DateTimeOffset since, int cycles, int failures, DateTimeOffset failingSince, string reason);

    [LoggerMessage(108, LogLevel.Information, "Cycles succeed again; they failed since {Since:u}: {Reason}")]
    private partial void WorksAgain(DateTimeOffset since, string reason);

    [LoggerMessage(112, LogLevel.Information, "{Restarts}")]
    private partial void Outdated(string restarts);

    // The numbers are fields of the JSON, and part of the text.
    [LoggerMessage(113, LogLevel.Information, "First look: {Seen}")]
    private partial void FirstLook(string seen, int workloads, int enabled, int containers, int images, int adopted, int outdated);

    [LoggerMessage(114, LogLevel.Information, "Adopted {Adoptions}")]
    private partial void Adopted(string adoptions, int containers, string plan);

    [LoggerMessage(EventId = 101, Message = "Cannot read the cluster: {Reason}")]
    private partial void CouldNotRead(LogLevel level, string reason);

    [LoggerMessage(102, LogLevel.Warning, "{Warning}")]
    private partial void Warning(string warning);

    [LoggerMessage(109, LogLevel.Information, "Warning resolved, last seen {Last:u}: {Warning}")]
    private partial void WarningOver(string warning, DateTimeOffset last);

    [LoggerMessage(111, LogLevel.Warning, "{Warning}")]
    private partial void WorkloadWarning(string warning);

    [LoggerMessage(EventId = 103, Message = "{Reason}")]
    private partial void CouldNotWrite(LogLevel level, string reason);

    [LoggerMessage(EventId = 104, Message = "The cycle failed unexpectedly")]
    private partial void FailedUnexpectedly(LogLevel level, Exception exception);
}
