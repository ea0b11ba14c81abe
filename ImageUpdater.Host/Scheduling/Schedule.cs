using ImageUpdater.Host.Observing;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

internal static class Schedule
{
    private static readonly TimeSpan TrackEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(6);

    // Not at startup, so that it does not delay the first cycle, which recovers intents.
    private static readonly TimeSpan PruneAfter = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddSchedule(this IServiceCollection services) => services
        .AddSingleton<ControllerState>()
        .AddSingleton<CycleLog>()
        .AddSingleton<CheckRequests>()
        .AddSingleton<RunLog>()
        .AddQuartz(quartz => quartz
            .ScheduleJob<ReconcileJob>(
                (services, trigger) => trigger.WithIdentity("reconcile").StartNow().WithSimpleSchedule(Every(services.GetRequiredService<CheckIntervals>().Tick)),
                (_, job) => job.WithIdentity(ReconcileJob.Key))
            .ScheduleJob<TrackJob>((services, trigger) => trigger.WithIdentity("track").StartAt(Now(services) + TrackEvery).WithSimpleSchedule(Every(TrackEvery)))
            .ScheduleJob<RetentionJob>((services, trigger) => trigger.WithIdentity("retention").StartAt(Now(services) + PruneAfter).WithSimpleSchedule(Every(PruneEvery))))
        .AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);

    private static DateTimeOffset Now(IServiceProvider services) => services.GetRequiredService<TimeProvider>().GetUtcNow();

    // After a cycle that took longer than the interval, missed ones are skipped.
    private static Action<SimpleScheduleBuilder> Every(TimeSpan interval) => schedule => schedule
        .WithInterval(interval)
        .RepeatForever()
        .WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount);
}
