using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Web;

namespace ImageUpdater.Host.Composition;

/// <summary>The additional services of <c>run</c>: scheduling and the web endpoints.</summary>
internal static class ControllerParts
{
    public static IServiceCollection AddController(this IServiceCollection services) => services
        // A change in the cluster starts a cycle at the next tick, rather than at the next check.
        .AddSingleton(services => ActivatorUtilities.CreateInstance<Informers>(services, (Action)services.GetRequiredService<ControllerState>().CycleIsDue))
        .AddSchedule()
        .AddSingleton<ControllerGauges>()
        .AddSingleton<Readiness>()
        .AddSingleton<Authentication>()
        .AddSingleton<ActionAccess>()
        .AddSingleton<ReaderLimit>()
        .AddRoutingCore();
}
