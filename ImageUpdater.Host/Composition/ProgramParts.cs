using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using Microsoft.Extensions.Options;

namespace ImageUpdater.Host.Composition;

/// <summary>What the program is made of. Each command takes the parts that it needs.</summary>
internal static class ProgramParts
{
    /// <summary>What every command has: its call, the clock and the options.</summary>
    public static void AddProgram(this IHostApplicationBuilder builder, Call call)
    {
        if (!OptionsReader.Load(call.Environment, call.State).IsSuccess(out var settings, out var problem))
            throw new CannotStartException(problem);

        builder.Configuration.AddConfiguration(settings);
        builder.Services
            .AddSingleton(call)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IOptionsFactory<ImageUpdaterOptions>>(new OptionsFactory(settings, call.Environment))
            .AddOptions<ImageUpdaterOptions>().ValidateOnStart();
        builder.Services
            .AddArea(options => options.Checking)
            .AddArea(options => options.Restarts)
            .AddArea(options => options.Holding)
            .AddArea(options => options.Access)
            .AddArea(options => options.State)
            .AddArea(options => options.Serving)
            .AddSingleton<Instruments>();
    }

    /// <summary>All problems of the options at once, before a file is made or a server asked.</summary>
    public static void Validate(this IHost host) => host.Services.GetRequiredService<IStartupValidator>().Validate();

    public static IServiceCollection AddCluster(this IServiceCollection services) => services
        .AddSingleton(services =>
        {
            var call = services.GetRequiredService<Call>();
            return KubernetesConnection.Load(call.Kubeconfig, call.Context, name => call.Environment.GetValueOrDefault(name)).IsSuccess(out var connection, out var problem)
                ? connection
                : throw new CannotStartException(problem);
        })
        .AddSingleton<ClusterClient>()
        .AddSingleton<PullSecrets>();

    public static IServiceCollection AddRegistries(this IServiceCollection services) => services
        .AddSingleton(services => new RegistryClient(
            services.GetRequiredService<AccessOptions>().Registries,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<RegistryClient>>(),
            services.GetRequiredService<Instruments>().RegistryRequest))
        .AddSingleton(services =>
        {
            var access = services.GetRequiredService<AccessOptions>();
            return new LocalCredentials(
                DockerConfig.LoadUserFile(services.GetRequiredService<Call>().Environment), access.CredentialPlugins, access.Warnings, services.GetRequiredService<TimeProvider>());
        })
        .AddSingleton(services =>
        {
            var access = services.GetRequiredService<AccessOptions>();
            return new PullCredentials(services.GetService<PullSecrets>(), services.GetRequiredService<LocalCredentials>(), access.ReadPullSecrets, access.PullSecretNamespaces);
        });

    /// <summary>The way of the data, on a cluster, registries and a state store.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddSingleton(services => new ClusterReader(
            services.GetRequiredService<ClusterClient>(), services.GetRequiredService<CheckingOptions>().Namespaces, services.GetService<Informers>()))
        .AddSingleton<RegistryObserver>()
        .AddSingleton<CheckIntervals>()
        .AddSingleton<ImageObserver>()
        .AddSingleton<ManifestReader>()
        .AddSingleton(PlanningOptionsOf)
        .AddSingleton<PlanBuilder>()
        .AddSingleton<IntentRecoverer>()
        .AddSingleton<FinalizerRemover>()
        .AddSingleton<Executor>()
        .AddSingleton<RolloutTracker>()
        .AddSingleton<Pipeline>();

    /// <summary>
    /// Those who read the audit log: they start before the first write, and stop after the last. So it is added before whoever writes.
    /// </summary>
    /// <param name="events">Only who changes the cluster leaves events in it.</param>
    public static IServiceCollection AddAuditReaders(this IServiceCollection services, bool events, AuditReading reading) => services
        .AddSingleton<BackgroundLoops>()
        .AddSingleton<LogAndCounters>()
        .AddHostedService(services =>
        {
            List<IAuditReader> readers = [services.GetRequiredService<LogAndCounters>()];
            if (events && services.GetRequiredService<ServingOptions>().Events)
                readers.Add(ActivatorUtilities.CreateInstance<WorkloadEvents>(services, Send(services.GetRequiredService<ClusterClient>())));
            return ActivatorUtilities.CreateInstance<AuditReaders>(services, readers, reading);
        });

    private static Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> Send(ClusterClient kubernetes) =>
        async (told, cancellationToken) => (await kubernetes.CreateEventAsync(told, cancellationToken)).Failure;

    // Options are read once. Who needs an area of them gets that area, and says so.
    private static IServiceCollection AddArea<T>(this IServiceCollection services, Func<ImageUpdaterOptions, T> area)
        where T : class =>
        services.AddSingleton(services => area(services.GetRequiredService<IOptions<ImageUpdaterOptions>>().Value));

    private static PlanningOptions PlanningOptionsOf(IServiceProvider services)
    {
        var restarts = services.GetRequiredService<RestartOptions>();
        return new PlanningOptions
        {
            FirstSeen = restarts.FirstSeen,
            PullPolicyAlways = restarts.PullPolicyAlways,
            Self = restarts.Self,
            Holds = services.GetRequiredService<HoldingOptions>().With(restarts.RolloutTimeout),
        };
    }
}
