using System.CommandLine;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Web;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Commands;

internal static class RunCommand
{
    // Kubernetes grants 30 seconds by default; we ask for less.
    private static readonly TimeSpan ShutdownWithin = TimeSpan.FromSeconds(9);

    // Of these. What is left is sent by the next process.
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var command = new Command(
            "run",
            """
            The controller: checks, plans and applies every check interval, follows rollouts to their end, and serves the web endpoints.

            Exit codes: 0 stopped cleanly; 1 error.

            Example:
              CHECK_INTERVAL=300 image-updater run --state /data/state.db
            """);

        command.SetAction(async (parsed, ct) =>
        {
            if (!Startup.ReadOptions(parsed).IsSuccess(out var options, out var problem))
                return CommandLine.Fail(problem);
            if (!Startup.Connect(parsed).IsSuccess(out var connection, out problem))
                return CommandLine.Fail(problem);

            var time = TimeProvider.System;
            var opened = await Startup.OpenStoreAsync(options, StateStoreAccess.ReadWrite, "run", time, ct);
            if (!opened.IsSuccess(out var store, out var refusal))
                return CommandLine.Fail(refusal.Sentence);

            await using var _ = store;
            // EF takes a tenth of a second for its first query: on another core, while the web host starts. What fails here fails again in the first cycle.
            var ahead = Task.Run(() => store.Observing.LoadImagesAsync(ct), ct);
            await using var app = Build(options, connection, store, time, Invocation.EnvironmentOf(parsed), parsed.GetValue(GlobalOptions.Verbose));
            try
            {
                await app.RunAsync(ct);
                return CommandLine.Success;
            }
            catch (IOException exception)
            {
                return CommandLine.Fail($"cannot listen on port {options.Serving.Port}: {exception.Message}; set ImageUpdater__Port");
            }
            finally
            {
                // Before the store is closed.
                await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
        return command;
    }

    /// <summary>The web host with all that runs in it, not started.</summary>
    public static WebApplication Build(
        ImageUpdaterOptions options, KubernetesConnection connection, StateStore store, TimeProvider time, IReadOnlyDictionary<string, string> environment, bool verbose)
    {
        // Empty: the others read an appsettings.json of the folder where they stand, and watch all that is under it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ControllerLogging.Configure(builder.Logging, options, environment, verbose);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(options.Serving.Port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownWithin);
        builder.Services
            .AddSingleton(time)
            .AddSingleton(options)
            .AddSingleton(store)
            .AddSingleton(store.Reporting)
            .AddSingleton(store.Upkeep)
            .AddSingleton(services => new ClusterClient(connection, time, services.GetRequiredService<ILogger<ClusterClient>>()))
            .AddSingleton(_ => new Instruments())
            .AddSingleton(services => new RegistryClient(
                options.Access.Registries, time, services.GetRequiredService<ILogger<RegistryClient>>(), services.GetRequiredService<Instruments>().RegistryRequest))
            .AddSingleton(services => Engine.Create(
                options, watches: true, services.GetRequiredService<ClusterClient>(), services.GetRequiredService<RegistryClient>(), store,
                DockerConfig.LoadUserFile(environment), services.GetRequiredService<Instruments>(), time, services.GetRequiredService<ILoggerFactory>()))
            .AddSingleton<ControllerGauges>()
            .AddSingleton<Readiness>()
            // Before the schedule: it starts first, and stops when nobody writes any more.
            .AddHostedService(services => new AuditReaders(
                store.Audit, services.GetRequiredService<ClusterClient>(), options.Serving.Events, DrainWithin, services.GetRequiredService<BackgroundLoops>(),
                services.GetRequiredService<Instruments>(), time, services.GetRequiredService<ILoggerFactory>()))
            .AddSchedule(options, time);

        var app = builder.Build();
        Endpoints.Map(app, connection.DisplayName);
        // What changes in the cluster is looked at with the next tick, and not with the next check only.
        app.Services.GetRequiredService<Engine>().Feeds!.Changed = app.Services.GetRequiredService<ControllerState>().CycleIsDue;
        return app;
    }
}
