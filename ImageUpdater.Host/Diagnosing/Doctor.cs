using System.Collections.Frozen;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Diagnosing;

/// <param name="Connect">Finds the connection that the other commands use, without a request; or a message why there is none.</param>
/// <param name="Environment">The environment variables.</param>
internal sealed record Surroundings(Func<Result<KubernetesConnection, string>> Connect, IReadOnlyDictionary<string, string> Environment);

/// <summary>
/// Collects what the checkers look at: the cluster, the registries of the enabled workloads, and the folder of the state store. Changes nothing in the
/// cluster, and needs no state store.
/// </summary>
internal sealed class Doctor(
    Surroundings surroundings, CheckingOptions checking, AccessOptions access, ServingOptions serving, StateOptions state, PlanningOptions planning, RegistryClient registries,
    LocalCredentials local, TimeProvider time, ILogger<ClusterClient> logger)
{
    private const int ReviewsAtOnce = 6;

    /// <param name="only">Null for the configured namespaces.</param>
    /// <returns>In the order of <see cref="DoctorCheck"/>.</returns>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(IReadOnlyList<string>? only, IReadOnlySet<DoctorCheck> skipped, CancellationToken cancellationToken)
    {
        var ordered = new List<Finding>();
        Add(ConfigurationChecker.Of(problems: [], access.Warnings));
        IReadOnlySet<ImageReference> images = FrozenSet<ImageReference>.Empty;
        if (surroundings.Connect().IsSuccess(out var connection, out var problem))
        {
            using var cluster = new ClusterClient(connection, time, logger);
            images = await ExamineClusterAsync(cluster, only ?? checking.Namespaces, skipped, Add, cancellationToken);
        }
        else
        {
            Add([ClusterChecker.OfNoConnection(problem)]);
        }

        if (!skipped.Contains(DoctorCheck.Proxy))
            Add(ProxyChecker.Of(connection is null ? null : ProxiedHost.Of("the Kubernetes API", connection.Endpoint.Server, connection.Endpoint.Proxy), HostsOf(images), surroundings.Environment));
        if (!skipped.Contains(DoctorCheck.Volume))
            Add(VolumeChecker.Of(await VolumeProbe.ReadAsync(state.Path, time, cancellationToken)));
        return [.. ordered.Where(finding => !skipped.Contains(finding.Check))];

        void Add(IEnumerable<Finding> found) => ordered.AddRange(found);
    }

    private async Task<IReadOnlySet<ImageReference>> ExamineClusterAsync(
        ClusterClient cluster, IReadOnlyList<string> namespaces, IReadOnlySet<DoctorCheck> skipped, Action<IEnumerable<Finding>> add, CancellationToken cancellationToken)
    {
        var answer = await cluster.GetVersionAsync(cancellationToken);
        add([ClusterChecker.Of(cluster.Connection.DisplayName, answer)]);
        if (answer.Value is not { } server)
            return FrozenSet<ImageReference>.Empty;

        add([ClockChecker.Of(server)]);
        if (!skipped.Contains(DoctorCheck.Permissions))
            add(PermissionsChecker.Of(await ReviewAsync(cluster, namespaces, cancellationToken)));
        if (skipped.Contains(DoctorCheck.Workloads) && skipped.Contains(DoctorCheck.Registries))
            return FrozenSet<ImageReference>.Empty;

        var read = await new ClusterReader(cluster, namespaces, informers: null).ReadAsync(only: null, cancellationToken);
        if (!read.IsSuccess(out var view, out var failure))
        {
            add([new Finding(DoctorCheck.Workloads, FindingStatus.Failed, $"cannot list workloads: {failure.Message}", "see the permissions; the check of registries needs the workloads")]);
            return FrozenSet<ImageReference>.Empty;
        }

        add(WorkloadsChecker.Of(PlanOf(view)));
        var used = ImageObserver.UsedImages(view.Workloads);
        if (!skipped.Contains(DoctorCheck.Registries))
        {
            var credentials = new PullCredentials(new PullSecrets(cluster, time), local, access.ReadPullSecrets, access.PullSecretNamespaces);
            var (asked, warnings, unasked) = await new RegistryProbe(registries, credentials).AskAsync(view.Workloads, used, cancellationToken);
            add(RegistriesChecker.Of(asked, warnings, unasked, cluster.Connection.IsInPod));
        }

        return used.Select(use => use.Image).ToHashSet();
    }

    private async Task<IReadOnlyList<ReviewedPermission>> ReviewAsync(ClusterClient cluster, IReadOnlyList<string> namespaces, CancellationToken cancellationToken)
    {
        var wanted = Permission.Of(namespaces, access, serving).ToList();
        var reviews = new ReviewedPermission[wanted.Count];
        await Parallel.ForAsync(0, wanted.Count, new ParallelOptions { MaxDegreeOfParallelism = ReviewsAtOnce, CancellationToken = cancellationToken }, async (index, cancellationToken) =>
        {
            var (@namespace, permission) = wanted[index];
            reviews[index] = new(@namespace, permission, await cluster.ReviewAccessAsync(permission.Group, permission.Resource, permission.Verb, @namespace, cancellationToken));
        });
        return reviews;
    }

    // Without observations: only the warnings about workloads are of interest.
    private RolloutPlan PlanOf(ClusterView view) => Planner.Plan(new PlanningInput
    {
        Now = time.GetUtcNow(),
        Scope = view.Scope,
        Workloads = view.Workloads,
        Checks = FrozenDictionary<ObservedImage, ImageCheck>.Empty,
        Baselines = FrozenDictionary<ContainerId, Baseline>.Empty,
        NodePlatforms = view.NodePlatforms,
        Options = planning,
        Warnings = view.Warnings,
        NotEnabled = view.NotEnabled,
    }).Plan;

    private IReadOnlyList<ProxiedHost> HostsOf(IReadOnlySet<ImageReference> images) =>
    [
        .. from registry in images.Select(image => image.Registry).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)
           let options = registries.OptionsOf(registry)
           let address = RegistryAddress.Of(options)
           // Options were validated: the choice can be parsed.
           where address is not null && !options.MirrorsOnly
           select ProxiedHost.Of($"registry {registry}", address, ProxyChoice.Parse(options.Proxy).Value!),
    ];
}
