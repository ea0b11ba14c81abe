using System.CommandLine;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Web;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Host.Commands;

internal static class RunCommand
{
    // Kubernetes grants 30 seconds by default; we ask for less.
    private static readonly TimeSpan ShutdownWithin = TimeSpan.FromSeconds(9);

    // Of these. What is left is sent by the next process.
    private static readonly AuditReading AuditReading = new(DrainWithin: TimeSpan.FromSeconds(2), After: TimeSpan.FromSeconds(2));

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

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = Build(CommandHost.CallOf(parsed));
            // EF takes a tenth of a second for its first query: on another core, while the web host starts. What fails here fails again in the first cycle.
            var ahead = Task.Run(() => app.Services.GetRequiredService<IObservingState>().LoadImagesAsync(cancellationToken), cancellationToken);
            try
            {
                await app.RunAsync(cancellationToken);
                return CommandLine.Success;
            }
            catch (IOException exception)
            {
                return CommandLine.Fail($"cannot listen on port {app.Services.GetRequiredService<ServingOptions>().Port}: {exception.Message}; set ImageUpdater__Port");
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
    public static WebApplication Build(Call call)
    {
        // Empty: the others read an appsettings.json of the folder where they stand, and watch all that is under it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddProgram(call);
        builder.Logging.AddForController(builder.Configuration, call.Verbose);
        builder.WebHost.UseKestrelCore();
        builder.Services
            .AddCluster().AddState(StateStoreAccess.ReadWrite).AddRegistries().AddPipeline().AddAuditReaders(events: true, AuditReading).AddController()
            .Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownWithin)
            .AddOptions<KestrelServerOptions>().Configure<ServingOptions>((kestrel, serving) =>
            {
                kestrel.AddServerHeader = false;
                kestrel.ListenAnyIP(serving.Port);
            });

        var app = builder.Build();
        app.Validate();
        var cluster = app.Services.GetRequiredService<KubernetesConnection>().DisplayName;
        // Whatever can't be had is said before anything runs.
        _ = app.Services.GetRequiredService<StateStore>();
        Endpoints.Map(app, cluster);
        return app;
    }
}
