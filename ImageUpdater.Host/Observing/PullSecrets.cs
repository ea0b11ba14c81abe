using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Observing;

/// <param name="Configs">The configurations of each identity, in the order in which they are tried.</param>
/// <param name="Warnings">Messages about secrets that could not be read or parsed.</param>
/// <param name="Missing">Messages about named objects that do not exist, which the kubelet ignores.</param>
internal sealed record PullSecretReading(
    IReadOnlyDictionary<PullIdentity, IReadOnlyList<DockerConfig>> Configs, IReadOnlyList<string> Warnings, IReadOnlyList<string> Missing)
{
    /// <summary>The secrets that each identity names, in their order.</summary>
    public IReadOnlyDictionary<PullIdentity, IReadOnlyList<NamedSecret>> Secrets { get; init; } = new Dictionary<PullIdentity, IReadOnlyList<NamedSecret>>();

    /// <summary>Identities whose service account does not exist.</summary>
    public IReadOnlySet<PullIdentity> WithoutAccount { get; init; } = new HashSet<PullIdentity>();
}

/// <param name="Origin">For messages: <c>pull secret default/regcred</c>.</param>
/// <param name="Config">Null if it is missing or can't be read.</param>
internal sealed record NamedSecret(string Origin, DockerConfig? Config, bool IsMissing);

/// <summary>
/// Reads pull secrets from the cluster: each once per round, however many images need it, several concurrently, and cached for five minutes.
/// A caller whose credential was refused can have it read again at once.
/// </summary>
internal sealed class PullSecrets(ClusterClient kubernetes, TimeProvider time)
{
    private const int MaxName = 253;
    private const int ReadsAtOnce = 8;

    // About ten times what a thousand namespaces with a secret each need. One limit for what is cached, and one for what a round holds.
    private const int MostBytes = 8 * 1024 * 1024;
    private const int BytesOfEntry = 512;
    private const int BytesOfLabel = 32;

    private static readonly TimeSpan CacheFor = TimeSpan.FromMinutes(5);

    private readonly CachedReadings<(string Namespace, string Name), DockerConfig> secrets = new(CacheFor, MostBytes, time);
    private readonly CachedReadings<(string Namespace, string Name), IReadOnlyList<string>> accounts = new(CacheFor, MostBytes, time);
    private long rounds;

    /// <summary>Starts a new round and returns its number.</summary>
    public long NextRound() => Interlocked.Increment(ref rounds);

    /// <param name="round">The number of this round.</param>
    /// <param name="refusedAt">Entries read before the round of this number are read again; null to accept cached ones.</param>
    public async Task<PullSecretReading> ReadAsync(IReadOnlyCollection<PullIdentity> identities, long round, long? refusedAt, CancellationToken cancellationToken)
    {
        secrets.Clean();
        accounts.Clean();
        var named = await AllAsync(
            accounts, identities.Where(identity => identity.PullSecrets.Count == 0).Select(identity => (identity.Namespace, identity.ServiceAccount)), ReadAccountAsync);
        var read = await AllAsync(secrets, identities.SelectMany(identity => NamesOf(identity).Select(name => (identity.Namespace, name))), ReadSecretAsync);

        var configs = identities.ToDictionary(
            identity => identity,
            IReadOnlyList<DockerConfig> (identity) => [.. NamesOf(identity).Select(name => read[(identity.Namespace, name)].Value).OfType<DockerConfig>()]);
        var problems = named.Values.Select(account => (account.Problem, account.IsMissing)).Concat(read.Values.Select(secret => (secret.Problem, secret.IsMissing)))
            .Where(problem => problem.Problem is not null).ToLookup(problem => problem.IsMissing, problem => problem.Problem!);
        return new PullSecretReading(configs, [.. problems[false], .. configs.Values.SelectMany(list => list).SelectMany(config => config.Warnings)], [.. problems[true]])
        {
            Secrets = identities.ToDictionary(
                identity => identity,
                IReadOnlyList<NamedSecret> (identity) => [.. NamesOf(identity).Select(name => (Name: name, Reading: read[(identity.Namespace, name)]))
                    .Select(secret => new NamedSecret(OriginOf(identity.Namespace, secret.Name), secret.Reading.Value, secret.Reading.IsMissing))]),
            WithoutAccount = identities.Where(identity => identity.PullSecrets.Count == 0 && named[(identity.Namespace, identity.ServiceAccount)].IsMissing).ToHashSet(),
        };

        IReadOnlyList<string> NamesOf(PullIdentity identity) => identity.PullSecrets.Count > 0
            ? identity.PullSecrets
            : named[(identity.Namespace, identity.ServiceAccount)].Value ?? [];

        async Task<ConcurrentDictionary<(string, string), Reading<TValue>>> AllAsync<TValue>(
            CachedReadings<(string, string), TValue> cached, IEnumerable<(string, string)> wanted, Func<string, string, CancellationToken, Task<(Reading<TValue>, int Size)>> readAsync)
            where TValue : class
        {
            var all = new ConcurrentDictionary<(string, string), Reading<TValue>>();
            var held = new FairShare(MostBytes);
            await Parallel.ForEachAsync(wanted.Distinct(), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken }, async (key, cancellationToken) =>
            {
                if (cached.Find(key) is { } entry && WillDo(entry.Reading, entry.Round))
                {
                    Hold(key, entry.Reading, entry.Size);
                    return;
                }

                var (reading, size) = await readAsync(key.Item1, key.Item2, cancellationToken);
                cached.Add(key, reading, size + BytesOfEntry, round);
                Hold(key, reading, size + BytesOfEntry);
            });
            return all;

            void Hold((string, string) key, Reading<TValue> reading, int size)
            {
                all[key] = reading;
                foreach (var lost in held.Add(key.Item1, key.Item2, size))
                    all[lost] = new Reading<TValue>(Value: null, $"the largest pull secrets of namespace {lost.Owner} are not used: those of all namespaces together exceed {MostBytes / 1024 / 1024} MiB, and it has the most");
            }
        }

        // A failed read is retried by the next round, but not within the same one.
        bool WillDo<TValue>(Reading<TValue> reading, long readBy)
            where TValue : class => readBy >= (refusedAt ?? round) || (refusedAt is null && (reading.Problem is null || reading.IsMissing));
    }

    private async Task<(Reading<IReadOnlyList<string>> Reading, int Size)> ReadAccountAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var answer = await kubernetes.GetServiceAccountPullSecretsAsync(@namespace, name, cancellationToken);
        return answer.IsSuccess(out var names, out var failure)
            ? (new Reading<IReadOnlyList<string>>(names), names.Sum(secret => 2 * secret.Length))
            : (Failed<IReadOnlyList<string>>($"cannot read the pull secrets of service account {@namespace}/{name}", failure), 0);
    }

    private async Task<(Reading<DockerConfig> Reading, int Size)> ReadSecretAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var origin = OriginOf(@namespace, name);
        var answer = await kubernetes.GetPullSecretAsync(@namespace, name, cancellationToken);
        if (!answer.IsSuccess(out var secret, out var failure))
            return (Failed<DockerConfig>($"cannot read {origin}", failure), 0);

        var config = secret.IsDockerCfg ? DockerConfig.ParseLegacy(secret.Data, origin) : DockerConfig.Parse(secret.Data, origin);
        return (new Reading<DockerConfig>(config with { Owner = @namespace }), config.Entries.Sum(SizeOf));
    }

    private static int SizeOf(DockerConfigEntry entry) => BytesOfEntry + (BytesOfLabel * entry.Key.Labels.Count) + (2 * (
        entry.Key.ToString().Length + entry.Credential.Username.Length + entry.Credential.Password.Length + (entry.Credential.IdentityToken?.Length ?? 0)));

    // The API accepts any text as the name of a pull secret.
    private static string OriginOf(string @namespace, string name) => $"pull secret {@namespace}/{UntrustedText.Bound(name, MaxName)}";

    private static Reading<TValue> Failed<TValue>(string what, KubernetesFailure failure)
        where TValue : class => new(Value: null, $"{what}: {failure.Message}", failure.Kind == KubernetesFailureKind.NotFound);
}
