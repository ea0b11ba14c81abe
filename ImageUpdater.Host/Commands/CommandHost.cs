using System.CommandLine;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Logging;

namespace ImageUpdater.Host.Commands;

/// <summary>Runs a command in a host with the services it needs.</summary>
internal static class CommandHost
{
    /// <summary>The global options and the environment of this invocation.</summary>
    public static Call CallOf(ParseResult parsed) => new(
        parsed.CommandResult.Command.Name,
        Invocation.EnvironmentOf(parsed),
        parsed.GetValue(GlobalOptions.State),
        parsed.GetValue(GlobalOptions.Kubeconfig),
        parsed.GetValue(GlobalOptions.Context),
        parsed.GetValue(GlobalOptions.Verbose));

    /// <param name="parts">Adds services to those that every command has.</param>
    /// <param name="work">Its token is also cancelled by Ctrl+C and SIGTERM.</param>
    public static async Task<int> RunAsync<T>(ParseResult parsed, Action<IServiceCollection> parts, Func<T, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
        where T : class
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var call = CallOf(parsed);
        builder.AddProgram(call);
        builder.Logging.AddForCommand(call.Verbose);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        parts(builder.Services);
        builder.Services.AddSingleton<T>();

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
