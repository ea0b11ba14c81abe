using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Web;

namespace ImageUpdater.Host.Composition;

/// <summary>What <c>run</c> has besides: the schedule around the pipeline, and what it serves.</summary>
internal static class ControllerParts
{
    public static IServiceCollection AddController(this IServiceCollection services) => services
        // What changes in the cluster is looked at with the next tick, and not with the next check only.
        .AddSingleton(services => ActivatorUtilities.CreateInstance<Informers>(services, (Action)services.GetRequiredService<ControllerState>().CycleIsDue))
        .AddSchedule()
        .AddSingleton<ControllerGauges>()
        .AddSingleton<Readiness>()
        .AddRoutingCore();
}
