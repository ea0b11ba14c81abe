using System.CommandLine;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Logging;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImageUpdater.Host.Commands;

/// <summary>Runs a command in a host with the services it needs.</summary>
internal static class CommandHost
{
    /// <summary>The global options and the environment of this invocation.</summary>
    public static Call CallOf(ParseResult parsed) => CallOf(parsed, Invocation.EnvironmentOf(parsed));

    /// <summary>For a command line that is read and not invoked.</summary>
    public static Call CallOf(ParseResult parsed, IReadOnlyDictionary<string, string> environment) => new(
        parsed.CommandResult.Command.Name,
        environment,
        parsed.GetValue(GlobalOptions.State),
        parsed.GetValue(GlobalOptions.Kubeconfig),
        parsed.GetValue(GlobalOptions.Context),
        parsed.GetValue(GlobalOptions.Verbose),
        parsed.GetValue(RunCommand.LogFormat));

    /// <param name="parts">Adds services to those that every command has.</param>
    /// <param name="work">Its token is also cancelled by Ctrl+C and SIGTERM.</param>
    public static Task<int> RunAsync<T>(ParseResult parsed, Action<IServiceCollection> parts, Func<T, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
        where T : class => RunAsync(CallOf(parsed), parts, work, cancellationToken);

    public static async Task<int> RunAsync<T>(Call call, Action<IServiceCollection> parts, Func<T, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
        where T : class
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.AddProgram(call);
        builder.Logging.AddForCommand(call.Verbose);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        parts(builder.Services);
        builder.Services.TryAddSingleton<T>();

        var host = builder.Build();
        await using var disposing = (IAsyncDisposable)host;
        host.Validate();
        var needed = host.Services.GetRequiredService<T>();
        await host.StartAsync(cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            return await work(needed, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Only what the user or the system has cancelled: the timeout of a request that nobody caught is a bug.
            return CommandLine.Fail("interrupted");
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
