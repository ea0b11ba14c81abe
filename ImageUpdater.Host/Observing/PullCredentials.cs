using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Observing;

/// <param name="Warnings">Secrets, files and programs that could not be read or made sense of.</param>
internal sealed record CredentialSet(IReadOnlyDictionary<ImageReference, IReadOnlyList<RegistryCredential>> ByImage, IReadOnlyList<string> Warnings)
{
    public IReadOnlyList<RegistryCredential> For(ImageReference image) => ByImage.GetValueOrDefault(image, []);
}

/// <summary>
/// The credentials that the kubelet would use for an image: from the pull secrets of every workload that runs it, and where a pod
/// template names none, from those of its service account; then those of the machine (<see cref="LocalCredentials"/>).
/// </summary>
/// <param name="kubernetes">Null: there is no cluster, and no secrets.</param>
/// <param name="onlyIn">The namespaces whose secrets are read; empty for all.</param>
internal sealed class PullCredentials(ClusterClient? kubernetes, LocalCredentials local, bool readSecrets, IReadOnlyList<string> onlyIn)
{
    public Task<CredentialSet> ForAsync(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ImageReference> images, CancellationToken ct)
    {
        var identities = IdentitiesByImage(workloads, images);
        return ForAsync(images, image => identities[image].Distinct(), new HashSet<string>(StringComparer.Ordinal), tellMissing: false, ct);
    }

    /// <summary>As a workload with this identity would get them. What it names and is not there is told, too.</summary>
    /// <param name="identity">Null: those of the machine only.</param>
    public Task<CredentialSet> ForIdentityAsync(PullIdentity? identity, ImageReference image, CancellationToken ct)
    {
        var warnings = new HashSet<string>(StringComparer.Ordinal);
        if (identity is not null && !MayRead(identity))
            warnings.Add($"pull secrets of namespace {identity.Namespace} are not read: ReadPullSecrets or PullSecretNamespaces says so");
        return ForAsync([image], _ => identity is null ? [] : [identity], warnings, tellMissing: true, ct);
    }

    private async Task<CredentialSet> ForAsync(
        IEnumerable<ImageReference> images, Func<ImageReference, IEnumerable<PullIdentity>> identitiesOf, HashSet<string> warnings, bool tellMissing,
        CancellationToken ct)
    {
        var reading = kubernetes is null ? null : new Reading(kubernetes, warnings, tellMissing, ct);
        warnings.UnionWith(local.Warnings);
        var byImage = new Dictionary<ImageReference, IReadOnlyList<RegistryCredential>>();
        foreach (var image in images)
        {
            var configs = new List<DockerConfig>();
            if (reading is not null)
            {
                foreach (var identity in identitiesOf(image).Where(MayRead))
                    configs.AddRange(await reading.ConfigsOfAsync(identity));
            }

            var ofMachine = await local.ForAsync(image, ct);
            warnings.UnionWith(ofMachine.SelectMany(source => source.SelectMany(config => config.Warnings)));
            byImage[image] = CredentialMatcher.For(image, [configs, .. ofMachine]);
        }

        return new CredentialSet(byImage, [.. warnings.Order(StringComparer.Ordinal)]);
    }

    private bool MayRead(PullIdentity identity) => readSecrets && (onlyIn.Count == 0 || onlyIn.Contains(identity.Namespace, StringComparer.Ordinal));

    private static ILookup<ImageReference, PullIdentity> IdentitiesByImage(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ImageReference> images) =>
        workloads
            .SelectMany(workload => workload.Containers.Concat(workload.InitContainers), (workload, container) => (workload, container))
            .Where(pair => pair.container.Image.Value is { } image && images.Contains(image))
            .ToLookup(pair => pair.container.Image.Value!, pair => pair.workload.PullIdentity);

    /// <summary>One look at the cluster's secrets: each is read once, however many images need it.</summary>
    private sealed class Reading(ClusterClient kubernetes, HashSet<string> warnings, bool tellMissing, CancellationToken ct)
    {
        private const int MaxName = 253;

        private readonly Dictionary<(string Namespace, string Secret), DockerConfig?> secrets = [];
        private readonly Dictionary<(string Namespace, string ServiceAccount), IReadOnlyList<string>> serviceAccounts = [];

        public async Task<IReadOnlyList<DockerConfig>> ConfigsOfAsync(PullIdentity identity)
        {
            var names = identity.PullSecrets.Count > 0 ? identity.PullSecrets : await OfServiceAccountAsync(identity);
            var configs = new List<DockerConfig>();
            foreach (var name in names)
            {
                if (await SecretAsync(identity.Namespace, name) is { } config)
                    configs.Add(config);
            }

            return configs;
        }

        private async Task<IReadOnlyList<string>> OfServiceAccountAsync(PullIdentity identity)
        {
            var key = (identity.Namespace, identity.ServiceAccount);
            if (serviceAccounts.TryGetValue(key, out var names))
                return names;

            var answer = await kubernetes.GetServiceAccountPullSecretsAsync(identity.Namespace, identity.ServiceAccount, ct);
            if (!answer.IsSuccess(out names, out var failure))
            {
                names = [];
                if (tellMissing || failure.Kind != KubernetesFailureKind.NotFound)
                    warnings.Add($"service account {identity.Namespace}/{identity.ServiceAccount} could not be read for its pull secrets: {failure.Sentence}");
            }

            return serviceAccounts[key] = names;
        }

        // A missing secret is skipped, as the kubelet does.
        private async Task<DockerConfig?> SecretAsync(string @namespace, string name)
        {
            if (secrets.TryGetValue((@namespace, name), out var config))
                return config;

            // The API takes any text as the name of a pull secret.
            var origin = $"pull secret {@namespace}/{OutsideText.Bound(name, MaxName)}";
            var answer = await kubernetes.GetPullSecretAsync(@namespace, name, ct);
            if (answer.IsSuccess(out var secret, out var failure))
            {
                config = secret.IsDockerCfg ? DockerConfig.ParseLegacy(secret.Data, origin) : DockerConfig.Parse(secret.Data, origin);
                warnings.UnionWith(config.Warnings);
            }
            else if (tellMissing || failure.Kind != KubernetesFailureKind.NotFound)
            {
                warnings.Add($"{origin} could not be read: {failure.Sentence}");
            }

            return secrets[(@namespace, name)] = config;
        }
    }
}
