using ImageUpdater.Host.Observing;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

internal static class Schedule
{
    private static readonly TimeSpan TrackEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(6);

    // The first cycle has the start for itself: it recovers what was under way, and what is old can wait.
    private static readonly TimeSpan PruneAfter = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddSchedule(this IServiceCollection services) => services
        .AddSingleton<ControllerState>()
        .AddSingleton<CycleLog>()
        .AddQuartz(quartz => quartz
            .ScheduleJob<ReconcileJob>(
                (services, trigger) => trigger.WithIdentity("reconcile").StartNow().WithSimpleSchedule(Every(services.GetRequiredService<CheckIntervals>().Tick)),
                (_, job) => job.WithIdentity(ReconcileJob.Key))
            .ScheduleJob<TrackJob>((services, trigger) => trigger.WithIdentity("track").StartAt(Now(services) + TrackEvery).WithSimpleSchedule(Every(TrackEvery)))
            .ScheduleJob<RetentionJob>((services, trigger) => trigger.WithIdentity("retention").StartAt(Now(services) + PruneAfter).WithSimpleSchedule(Every(PruneEvery))))
        .AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);

    private static DateTimeOffset Now(IServiceProvider services) => services.GetRequiredService<TimeProvider>().GetUtcNow();

    // A cycle that takes longer than the interval is followed by one more, not by all that it made late.
    private static Action<SimpleScheduleBuilder> Every(TimeSpan interval) => schedule => schedule
        .WithInterval(interval)
        .RepeatForever()
        .WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount);
}
