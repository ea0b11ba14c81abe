using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using Quartz;

namespace ImageUpdater.Host.Scheduling;

internal static class Schedule
{
    private static readonly TimeSpan TrackEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(6);

    // The first cycle has the start for itself: it settles what was under way, and what is old can wait.
    private static readonly TimeSpan PruneAfter = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddSchedule(this IServiceCollection services, ImageUpdaterOptions options, TimeProvider time) => services
        .AddSingleton<ControllerState>()
        .AddSingleton<CycleLog>()
        .AddSingleton<BackgroundLoops>()
        .AddQuartz(quartz => quartz
            .ScheduleJob<ReconcileJob>(
                trigger => trigger.WithIdentity("reconcile").StartNow().WithSimpleSchedule(Every(CheckIntervals.TickOf(options))), job => job.WithIdentity(ReconcileJob.Key))
            .ScheduleJob<TrackJob>(trigger => trigger.WithIdentity("track").StartAt(time.GetUtcNow() + TrackEvery).WithSimpleSchedule(Every(TrackEvery)))
            .ScheduleJob<RetentionJob>(trigger => trigger.WithIdentity("retention").StartAt(time.GetUtcNow() + PruneAfter).WithSimpleSchedule(Every(PruneEvery))))
        .AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);

    // A cycle that takes longer than the interval is followed by one more, not by all that it made late.
    private static Action<SimpleScheduleBuilder> Every(TimeSpan interval) => schedule => schedule
        .WithInterval(interval)
        .RepeatForever()
        .WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount);
}
