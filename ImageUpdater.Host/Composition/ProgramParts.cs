using ImageUpdater.Core;
using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Diagnosing;
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

/// <summary>The services of the program. Each command registers those it needs.</summary>
internal static class ProgramParts
{
    /// <summary>The services of every command: its call, the clock and the options.</summary>
    public static void AddProgram(this IHostApplicationBuilder builder, Call call)
    {
        if (!OptionsReader.Load(call.Environment, call.State, logFormat: call.LogFormat).IsSuccess(out var settings, out var problem))
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
            .AddSingleton<Instruments>()
            .AddSingleton<ApiToken>();
    }

    /// <summary>Reports all problems of the options at once, before any file is created or server queried.</summary>
    public static void Validate(this IHost host) => host.Services.GetRequiredService<IStartupValidator>().Validate();

    public static IServiceCollection AddCluster(this IServiceCollection services) => services
        .AddSingleton(services => Connect(services.GetRequiredService<Call>()).IsSuccess(out var connection, out var problem) ? connection : throw new CannotStartException(problem))
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

    /// <summary>What <c>doctor</c> needs besides the registries. Not the cluster: it finds out whether there is one.</summary>
    public static IServiceCollection AddDoctor(this IServiceCollection services) => services
        .AddSingleton(PlanningOptionsOf)
        .AddSingleton(services =>
        {
            var call = services.GetRequiredService<Call>();
            return new Surroundings(() => Connect(call), call.Environment);
        })
        .AddSingleton<Doctor>();

    /// <summary>The pipeline: observe, plan, apply, track. Requires the cluster, the registries and the state store.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddSingleton(services => new ClusterReader(
            services.GetRequiredService<ClusterClient>(), services.GetRequiredService<CheckingOptions>().Namespaces, services.GetService<Informers>()))
        .AddSingleton(services => services.GetService<Informers>() is null ? RegistryPatience.OfCommand : RegistryPatience.OfCycle)
        .AddSingleton<LateRegistries>()
        .AddSingleton<RegistryObserver>()
        .AddSingleton<CheckIntervals>()
        .AddSingleton<ImageObserver>()
        .AddSingleton<ManifestReader>()
        .AddSingleton(PlanningOptionsOf)
        .AddSingleton<QuarantineRelease>()
        .AddSingleton<PlanBuilder>()
        .AddSingleton<IntentRecoverer>()
        .AddSingleton<FinalizerRemover>()
        .AddSingleton<FieldRelease>()
        .AddSingleton<Executor>()
        .AddSingleton<RequestedRetries>()
        .AddSingleton<PodVerification>()
        .AddSingleton<ReversalCheck>()
        .AddSingleton<RolloutTracker>()
        .AddSingleton<CurrentState>()
        .AddSingleton<Pipeline>();

    /// <summary>
    /// The readers of the audit log. Add them before any service that writes, so that they start before the first write and stop after the last.
    /// </summary>
    /// <param name="events">Whether to create Kubernetes Events; only for commands that change the cluster.</param>
    public static IServiceCollection AddAuditReaders(this IServiceCollection services, bool events, AuditReading reading)
    {
        services
            .AddSingleton<BackgroundLoops>()
            .AddSingleton<RunTally>()
            .AddSingleton(reading)
            .AddSingleton<IAuditReader, LogAndCounters>()
            .AddHostedService<AuditReaders>();
        if (events)
            services.AddSingleton<IAuditReader>(EventsOf);
        return services;
    }

    private static Result<KubernetesConnection, string> Connect(Call call) =>
        KubernetesConnection.Load(call.Kubeconfig, call.Context, name => call.Environment.GetValueOrDefault(name));

    private static WorkloadEvents EventsOf(IServiceProvider services) => new(
        Send(services.GetRequiredService<ClusterClient>()), services.GetRequiredService<Instruments>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<WorkloadEvents>>())
    {
        IsOn = services.GetRequiredService<ServingOptions>().Events,
    };

    private static Func<WorkloadEvent, CancellationToken, Task<KubernetesFailure?>> Send(ClusterClient kubernetes) =>
        async (wanted, cancellationToken) => (await kubernetes.CreateEventAsync(wanted, cancellationToken)).Failure;

    // Options are read once. A service depends on the areas it needs, not on all options.
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
