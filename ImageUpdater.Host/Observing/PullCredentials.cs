using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Observing;

/// <param name="ByImage">The credentials that workloads of a namespace have for an image; for <see cref="Reader.Shared"/>, those of all namespaces that run it.</param>
/// <param name="Warnings">Messages about secrets, files and programs that could not be read or parsed.</param>
/// <param name="Round">The number of the round that found the credentials.</param>
internal sealed record CredentialSet(
    IReadOnlyDictionary<ObservedImage, IReadOnlyList<RegistryCredential>> ByImage, IReadOnlyList<string> Warnings, long Round = 0)
{
    private const int MaxLacking = 3;

    /// <summary>Per image, the secrets and service accounts that are named for it and give no credential.</summary>
    public IReadOnlyDictionary<ObservedImage, IReadOnlyList<string>> Lacking { get; init; } = new Dictionary<ObservedImage, IReadOnlyList<string>>();

    public IReadOnlyList<RegistryCredential> For(ObservedImage image) => ByImage.GetValueOrDefault(image, []);

    /// <summary>The failure with what is lacking, if the registry or its token server refused: usually that is the reason. Anonymous requests also have the lowest rate limits.</summary>
    public RegistryFailure Explain(ObservedImage image, RegistryFailure failure) =>
        IsAnswer(failure) && Lacking.GetValueOrDefault(image, []) is { Count: > 0 } lacking
            ? failure with { Message = UntrustedText.Bound($"{failure.Message}; {string.Join("; ", lacking.Take(MaxLacking))}", 3 * UntrustedText.MaxLength) }
            : failure;

    private static bool IsAnswer(RegistryFailure failure) =>
        PullCredentials.MayBeOld(failure) || (failure.WasAsked && failure.Kind is RegistryFailureKind.RateLimited or RegistryFailureKind.InvalidAnswer);
}

/// <summary>
/// The credentials that the kubelet would use for an image: from the pull secrets of every workload that runs it or, if its pod
/// template names none, from those of its service account; then those of the machine (<see cref="LocalCredentials"/>).
/// </summary>
/// <param name="secrets">Null without a cluster.</param>
/// <param name="onlyIn">The namespaces whose secrets are read; empty for all.</param>
internal sealed class PullCredentials(PullSecrets? secrets, LocalCredentials local, bool readSecrets, IReadOnlyList<string> onlyIn)
{
    // Every namespace has it, so that its absence says nothing about a workload.
    private const string DefaultAccount = "default";

    /// <summary>Whether the failure may be due to outdated credentials.</summary>
    public static bool MayBeOld(RegistryFailure? failure) => failure is { MayDependOnCredential: true };

    public Task<CredentialSet> ForAsync(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ObservedImage> images, CancellationToken cancellationToken) =>
        ForAsync(workloads, images, refusedAt: null, cancellationToken);

    /// <summary>Reads the credentials of these images again, bypassing the cache, after registries refused them.</summary>
    /// <returns>Only the images whose credentials have changed.</returns>
    public async Task<CredentialSet> RenewAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, CredentialSet refused, IReadOnlySet<ObservedImage> images, CancellationToken cancellationToken)
    {
        var found = await ForAsync(workloads, images, refused.Round, cancellationToken);
        return found with { ByImage = found.ByImage.Where(image => !image.Value.SequenceEqual(refused.For(image.Key))).ToDictionary() };
    }

    /// <summary>The credentials that a workload with this identity would get. Also warns about named secrets that do not exist.</summary>
    /// <param name="identity">Null for those of the machine only.</param>
    public async Task<CredentialSet> ForIdentityAsync(PullIdentity? identity, ImageReference image, CancellationToken cancellationToken)
    {
        var warnings = new HashSet<string>(StringComparer.Ordinal);
        if (identity is not null && !MayRead(identity))
            warnings.Add($"pull secrets of namespace {identity.Namespace} are not read, as configured by ImageUpdater__ReadPullSecrets or ImageUpdater__PullSecretNamespaces");
        var read = await ReadAsync(identity is null ? [] : [identity], round: 0, refusedAt: null, cancellationToken);
        warnings.UnionWith(read.Missing);
        var use = new ObservedImage(image, new Reader(identity?.Namespace));
        var found = await FoundAsync([use], _ => identity is null ? [] : [identity], read, warnings, round: 0, isRefused: false, cancellationToken);
        return found with
        {
            ByImage = new Dictionary<ObservedImage, IReadOnlyList<RegistryCredential>> { [image] = found.For(use) },
            Lacking = new Dictionary<ObservedImage, IReadOnlyList<string>> { [image] = found.Lacking[use] },
        };
    }

    private async Task<CredentialSet> ForAsync(
        IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ObservedImage> images, long? refusedAt, CancellationToken cancellationToken)
    {
        var round = secrets?.NextRound() ?? 0;
        var identities = IdentitiesByImage(workloads, images);
        var reading = await ReadAsync(images.SelectMany(read => identities[read]), round, refusedAt, cancellationToken);
        return await FoundAsync(images, read => identities[read], reading, new HashSet<string>(StringComparer.Ordinal), round, isRefused: refusedAt is not null, cancellationToken);
    }

    private async Task<PullSecretReading> ReadAsync(IEnumerable<PullIdentity> identities, long round, long? refusedAt, CancellationToken cancellationToken) => secrets is null
        ? new PullSecretReading(new Dictionary<PullIdentity, IReadOnlyList<DockerConfig>>(), [], [])
        : await secrets.ReadAsync([.. identities.Distinct().Where(MayRead)], round, refusedAt, cancellationToken);

    private async Task<CredentialSet> FoundAsync(
        IEnumerable<ObservedImage> images, Func<ObservedImage, IEnumerable<PullIdentity>> identitiesOf, PullSecretReading reading, HashSet<string> warnings, long round,
        bool isRefused, CancellationToken cancellationToken)
    {
        warnings.UnionWith(reading.Warnings);
        warnings.UnionWith(local.Warnings);
        var byImage = new Dictionary<ObservedImage, IReadOnlyList<RegistryCredential>>();
        var lacking = new Dictionary<ObservedImage, IReadOnlyList<string>>();
        var notTried = new Dictionary<(string Origin, string Registry), (ImageReference Image, int Count)>();
        IReadOnlyList<IReadOnlyList<DockerConfig>> ofMachine = [];
        ImageReference? last = null;
        foreach (var read in images.Order())
        {
            var ofCluster = identitiesOf(read).Distinct().SelectMany(identity => reading.Configs.GetValueOrDefault(identity, [])).ToList();
            var image = read.Image;
            if (image != last)
                ofMachine = await local.ForAsync(last = image, isRefused, cancellationToken);
            warnings.UnionWith(ofMachine.SelectMany(source => source.SelectMany(config => config.Warnings)));
            var matched = CredentialMatcher.Match(image, [ofCluster, .. ofMachine]);
            // A message about those of several namespaces goes to each of them.
            byImage[read] = read.Reader.IsShared ? [.. matched.Candidates.Select(candidate => candidate.Owner is null ? candidate : candidate with { Origin = "a pull secret" })] : matched.Candidates;
            foreach (var (origin, count) in matched.NotTried)
                notTried.TryAdd((origin, image.Registry), (image, count));
            lacking[read] = [.. identitiesOf(read).Distinct().SelectMany(identity => Lacking(identity, image, reading)).Distinct().Order(StringComparer.Ordinal)];
        }

        warnings.UnionWith(notTried.Select(left =>
            $"{left.Key.Origin}: {left.Value.Count} credentials for {left.Value.Image} are not tried, since more than {CredentialMatcher.MaxCandidates} match; keep only the most specific"));
        return new CredentialSet(byImage, [.. warnings.Order(StringComparer.Ordinal)], round) { Lacking = lacking };
    }

    // A secret for other registries only is usual beside one for this registry.
    private static IEnumerable<string> Lacking(PullIdentity identity, ImageReference image, PullSecretReading read)
    {
        if (read.WithoutAccount.Contains(identity) && identity.ServiceAccount != DefaultAccount)
            yield return $"service account {identity.Namespace}/{identity.ServiceAccount} does not exist";
        var named = read.Secrets.GetValueOrDefault(identity, []);
        var hasEntry = named.Any(secret => secret.Config is { } config && CredentialKey.Matching(image, config.Entries, entry => entry.Key).Any());
        foreach (var secret in named)
        {
            if (secret.IsMissing)
                yield return $"{secret.Origin} does not exist";
            else if (secret.Config is not null && !hasEntry)
                yield return $"{secret.Origin} has no entry for {image.Registry}";
        }
    }

    private bool MayRead(PullIdentity identity) => readSecrets && (onlyIn.Count == 0 || onlyIn.Contains(identity.Namespace, StringComparer.Ordinal));

    private static ILookup<ObservedImage, PullIdentity> IdentitiesByImage(IReadOnlyList<WorkloadSnapshot> workloads, IReadOnlySet<ObservedImage> images) =>
        workloads
            .SelectMany(workload => workload.Containers.Concat(workload.InitContainers), (workload, container) => (Image: container.Image.Value, Identity: workload.PullIdentity))
            .Where(use => use.Image is not null)
            .SelectMany(
                use => new[] { new ObservedImage(use.Image!, new Reader(use.Identity.Namespace)), new ObservedImage(use.Image!, Reader.Shared) }.Where(images.Contains),
                (use, read) => (Read: read, use.Identity))
            .Distinct().ToLookup(use => use.Read, use => use.Identity);
}
