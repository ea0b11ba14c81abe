using System.CommandLine;
using System.Runtime.InteropServices;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Logging;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Web;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Host.Commands;

internal static class RunCommand
{
    public static readonly Option<LogFormat?> LogFormat = LogFormatOption();

    // Below Kubernetes' default terminationGracePeriodSeconds, 30.
    private static readonly TimeSpan ShutdownWithin = TimeSpan.FromSeconds(9);

    // Part of ShutdownWithin. The next process sends the events that are left.
    private static readonly AuditReading AuditReading = new(DrainWithin: TimeSpan.FromSeconds(2), After: TimeSpan.FromSeconds(2));

    public static Command Create()
    {
        var command = new Command(
            "run",
            """
            Runs the controller: checks, plans and applies every check interval, tracks rollouts and serves the web endpoints.

            Exit codes: 0 stopped cleanly; 1 error.

            Example:
              CHECK_INTERVAL=300 image-updater run --state /data/state.db --log-format json
            """)
        { LogFormat };

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = Build(CommandHost.CallOf(parsed));
            Prepare(app);
            // The host listens for it only once it starts.
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                app.Lifetime.StopApplication();
            });
            var log = app.Services.GetRequiredService<RunLog>();
            log.Starting();
            app.Services.GetRequiredService<ActionAccess>().Prepare();
            // EF takes a tenth of a second for its first query: run it while the web host starts. A failure here comes up again in the first cycle.
            var ahead = Task.Run(() => app.Services.GetRequiredService<IObservingState>().LoadImagesAsync(cancellationToken), cancellationToken);
            try
            {
                // Not RunAsync, which disposes of the host, and with it of the store that the query above may still use.
                await app.StartAsync(cancellationToken);
                await app.WaitForShutdownAsync(cancellationToken);
                await log.StoppedAsync();
                return CommandLine.Success;
            }
            catch (Exception exception) when (Listening.Problem(exception, app.Services.GetRequiredService<ServingOptions>().Listen) is { } problem)
            {
                return CommandLine.Fail(problem);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Stopped while it was starting.
                return CommandLine.Success;
            }
            finally
            {
                // The query has to end before the store is closed.
                await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
        return command;
    }

    private static Option<LogFormat?> LogFormatOption()
    {
        var option = new Option<LogFormat?>("--log-format")
        {
            Description = "Format of the log. Default: $ImageUpdater__LogFormat, then text.",
            HelpName = Choices.Names<LogFormat>(),
            CustomParser = argument => Choices.OneOf<LogFormat>(argument),
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(Choices.Names<LogFormat>().Split('|'));
        return option;
    }

    /// <summary>Builds the web host with its background services. The caller disposes of it, whether or not the next step succeeds.</summary>
    public static WebApplication Build(Call call)
    {
        // Not the default builder, which reads appsettings.json from the working directory and watches that directory.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddProgram(call);
        builder.Logging.AddForController(builder.Configuration, call.Verbose);
        builder.WebHost.UseKestrelCore();
        builder.Services
            .AddCluster().AddState(StateStoreAccess.ReadWrite).AddRegistries().AddPipeline().AddAuditReaders(events: true, AuditReading).AddController()
            .Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownWithin)
            .AddOptions<KestrelServerOptions>().Configure<ServingOptions>(Listening.Configure);
        return builder.Build();
    }

    /// <summary>Validates the options, opens the store and maps the endpoints; does not start the host.</summary>
    public static void Prepare(WebApplication app)
    {
        app.Validate();
        var cluster = app.Services.GetRequiredService<KubernetesConnection>().DisplayName;
        // Opens the store now, so that a failure is reported before anything runs.
        _ = app.Services.GetRequiredService<StateStore>();
        Endpoints.Map(app, cluster);
    }
}
