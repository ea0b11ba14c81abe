using System.Globalization;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>What can be done to a running sandbox, as lines that are typed or sent from another terminal.</summary>
internal sealed class Playground(SandboxCluster cluster, SandboxRegistry registry, string kubeconfig, string state, TimeProvider time) : IDisposable
{
    public const string Help =
        """
        push              push a new image to the tag: the workload is restarted
        push --broken     push an image whose containers crash: the rollout fails, and the digest is quarantined
        flap              serve the last two images in turns: the tag flaps, and the restart is held until it is stable
        429 [SECONDS]     the registry answers 429 with Retry-After (default: 60): ImageUpdater backs off
        slow [SECONDS]    the registry answers after this time (default: 20)
        down              the registry closes every connection
        up                ends 429, slow, down and flap
        status            what the tag serves, and what the pods run
        env               the variables to export, for eval
        """;

    /// <summary>How the answer to a line that can't be read begins.</summary>
    public const string Unknown = "unknown command";

    private const string Namespace = "demo";
    private const string Workload = "web";
    private const string Repository = "demo/web";
    private const string Tag = "latest";
    private const int Flips = 6;

    // Longer than the check interval that is exported, so that each turn is seen.
    private static readonly TimeSpan FlipEvery = TimeSpan.FromSeconds(4);

    private readonly Lock gate = new();
    private CancellationTokenSource flapping = new();
    private int build;
    private int before;

    /// <summary>As a shell reads them. The check interval is short, and what the chart sets is set.</summary>
    public string Exports => string.Join('\n', Variables().Select(variable => $"export {variable.Name}='{variable.Value}'"));

    /// <summary>Creates an enabled workload, and waits until it runs.</summary>
    public async Task CreateWorkloadAsync()
    {
        Push(isBroken: false);
        cluster.AddNamespace(Namespace);
        cluster.Apply(Manifests.Deployment(Workload, ("app", registry.Reference(Repository, Tag))).Replicas(2).In(Namespace)
            // So that a broken image is seen in seconds.
            .Enabled(("rollout-timeout", "15s")));
        await cluster.WaitForRolloutAsync("Deployment", Namespace, Workload);
    }

    /// <returns>What was done, or why the line can't be read.</returns>
    public string Run(string line)
    {
        lock (gate)
        {
            return line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) switch
            {
                [] => "",
                ["push"] => Push(isBroken: false),
                ["push", "--broken"] => Push(isBroken: true),
                ["flap"] => Flap(),
                ["429", .. var rest] when Seconds(rest, otherwise: 60) is { } seconds =>
                    Fail(new RegistryFault { Status = StatusCodes.Status429TooManyRequests, RetryAfter = seconds.ToString(CultureInfo.InvariantCulture) }, $"answers 429 with Retry-After: {seconds}"),
                ["slow", .. var rest] when Seconds(rest, otherwise: 20) is { } seconds => Fail(new RegistryFault { Delay = TimeSpan.FromSeconds(seconds) }, $"answers after {seconds} s"),
                ["down"] => Fail(new RegistryFault { CutBefore = true }, "closes every connection"),
                ["up"] => Up(),
                ["status"] => Status(),
                ["env"] => Exports,
                ["help"] => Help,
                _ => $"{Unknown} '{line}'; use one of these:\n{Help}",
            };
        }
    }

    public void Dispose() => flapping.Dispose();

    private IEnumerable<(string Name, string Value)> Variables() =>
    [
        ("KUBECONFIG", kubeconfig),
        ("ImageUpdater__State", state),
        ("ImageUpdater__CheckInterval", "2"),
        ("ImageUpdater__Registries__0__Host", registry.Address),
        ("ImageUpdater__Registries__0__PlainHttp", "true"),
        ("ImageUpdater__AutomaticallySetImagePullPolicyToAlways", "true"),
    ];

    private string Push(bool isBroken)
    {
        if (build > 0) before = build;
        build++;
        string digest = Serve(build);
        if (isBroken) cluster.BreakImage(digest);
        return $"build {build} pushed to {registry.Reference(Repository, Tag)}: {digest[..19]}{(isBroken ? ", its containers crash" : "")}";
    }

    // The same content has the same digest.
    private string Serve(int number) => registry.PushImage(Repository, Tag, $"build {number}");

    private string Flap()
    {
        if (before == 0) return "there is only one image yet; push another one first";
        Stop();
        _ = FlapAsync(before, build, flapping.Token);
        return $"builds {before} and {build} are served in turns, {Flips} times, every {FlipEvery.TotalSeconds:0} s";
    }

    private async Task FlapAsync(int one, int other, CancellationToken cancellationToken)
    {
        try
        {
            for (int flip = 0; flip < Flips; flip++)
            {
                lock (gate) Serve(flip % 2 == 0 ? one : other);
                await Task.Delay(FlipEvery, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Ended by `up`, or by another `flap`.
        }
    }

    private string Fail(RegistryFault fault, string what)
    {
        registry.Faults.Clear();
        registry.Faults.Add(fault);
        return $"the registry {what}, until: up";
    }

    private string Up()
    {
        Stop();
        registry.Faults.Clear();
        Serve(build);
        return $"the registry works, and serves build {build}";
    }

    private void Stop()
    {
        flapping.Cancel();
        flapping.Dispose();
        flapping = new CancellationTokenSource();
    }

    private string Status()
    {
        string faults = registry.Faults.All.Count == 0 ? "" : "  (with a fault; `up` ends it)";
        IEnumerable<string> pods = cluster.List("pods").Where(pod => pod.Text("metadata", "namespace") == Namespace).Select(pod =>
        {
            string id = pod.Items("status", "containerStatuses").Select(status => status.Text("imageID")).FirstOrDefault() ?? "";
            string digest = id.Contains('@', StringComparison.Ordinal) ? id[(id.IndexOf('@', StringComparison.Ordinal) + 1)..][..19] : "no image yet";
            string ready = pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True") ? "ready" : "not ready";
            return $"{pod.Text("metadata", "name")}  {digest}  {ready}";
        });
        return string.Join('\n', [$"{registry.Reference(Repository, Tag)}  {registry.DigestOf(Repository, Tag)![..19]}{faults}", .. pods]);
    }

    private static int? Seconds(string[] rest, int otherwise) => rest switch
    {
        [] => otherwise,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 3600 => seconds,
        _ => null,
    };
}
