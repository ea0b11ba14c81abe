using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Observing;

/// <param name="Configs">In the order in which they are tried.</param>
/// <param name="Warnings">Of what could not be read or made sense of.</param>
/// <param name="Missing">Messages about what is named and not there, which the kubelet passes over.</param>
internal sealed record PullSecretReading(
    IReadOnlyDictionary<PullIdentity, IReadOnlyList<DockerConfig>> Configs, IReadOnlyList<string> Warnings, IReadOnlyList<string> Missing);

/// <summary>
/// The pull secrets of the cluster: each is read once in a look, however many images need it, some of them at the same time, and kept for a few
/// minutes. Who is refused with one of them may have it read again at once.
/// </summary>
internal sealed class PullSecrets(ClusterClient kubernetes, TimeProvider time)
{
    private const int MaxName = 253;
    private const int ReadsAtOnce = 8;

    // A thousand namespaces with a secret each are a tenth of this.
    private const int MostBytes = 8 * 1024 * 1024;
    private const int BytesOfEntry = 512;

    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly Kept<(string Namespace, string Name), DockerConfig> secrets = new(KeepFor, MostBytes, time);
    private readonly Kept<(string Namespace, string Name), IReadOnlyList<string>> accounts = new(KeepFor, MostBytes, time);
    private long looks;

    /// <summary>For who begins a look.</summary>
    public long NextLook() => Interlocked.Increment(ref looks);

    /// <param name="look">Its number.</param>
    /// <param name="refusedAt">What was read before the look of this number is read again; null where what is kept will do.</param>
    public async Task<PullSecretReading> ReadAsync(IReadOnlyCollection<PullIdentity> identities, long look, long? refusedAt, CancellationToken cancellationToken)
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
        return new PullSecretReading(configs, [.. problems[false], .. configs.Values.SelectMany(list => list).SelectMany(config => config.Warnings)], [.. problems[true]]);

        IReadOnlyList<string> NamesOf(PullIdentity identity) => identity.PullSecrets.Count > 0
            ? identity.PullSecrets
            : named[(identity.Namespace, identity.ServiceAccount)].Value ?? [];

        async Task<ConcurrentDictionary<(string, string), Reading<TValue>>> AllAsync<TValue>(
            Kept<(string, string), TValue> kept, IEnumerable<(string, string)> wanted, Func<string, string, CancellationToken, Task<(Reading<TValue>, int Size)>> readAsync)
            where TValue : class
        {
            var all = new ConcurrentDictionary<(string, string), Reading<TValue>>();
            await Parallel.ForEachAsync(wanted.Distinct(), new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken }, async (key, cancellationToken) =>
            {
                if (kept.Find(key) is { } entry && WillDo(entry.Reading, entry.Look))
                {
                    all[key] = entry.Reading;
                    return;
                }

                var (reading, size) = await readAsync(key.Item1, key.Item2, cancellationToken);
                kept.Keep(key, reading, size + BytesOfEntry, look);
                all[key] = reading;
            });
            return all;
        }

        // What could not be read is tried again by the next look, but not by who asks again within one.
        bool WillDo<TValue>(Reading<TValue> reading, long readBy)
            where TValue : class => readBy >= (refusedAt ?? look) || (refusedAt is null && (reading.Problem is null || reading.IsMissing));
    }

    private async Task<(Reading<IReadOnlyList<string>> Reading, int Size)> ReadAccountAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var answer = await kubernetes.GetServiceAccountPullSecretsAsync(@namespace, name, cancellationToken);
        return answer.IsSuccess(out var names, out var failure)
            ? (new Reading<IReadOnlyList<string>>(names), names.Sum(secret => secret.Length))
            : (Failed<IReadOnlyList<string>>($"service account {@namespace}/{name} could not be read for its pull secrets", failure), 0);
    }

    private async Task<(Reading<DockerConfig> Reading, int Size)> ReadSecretAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        // The API takes any text as the name of a pull secret.
        var origin = $"pull secret {@namespace}/{UntrustedText.Bound(name, MaxName)}";
        var answer = await kubernetes.GetPullSecretAsync(@namespace, name, cancellationToken);
        return answer.IsSuccess(out var secret, out var failure)
            ? (new Reading<DockerConfig>(secret.IsDockerCfg ? DockerConfig.ParseLegacy(secret.Data, origin) : DockerConfig.Parse(secret.Data, origin)), secret.Data.Length)
            : (Failed<DockerConfig>($"{origin} could not be read", failure), 0);
    }

    private static Reading<TValue> Failed<TValue>(string what, KubernetesFailure failure)
        where TValue : class => new(Value: null, $"{what}: {failure.Message}", failure.Kind == KubernetesFailureKind.NotFound);
}
