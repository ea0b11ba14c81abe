using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class ResolveCommand
{
    private const string DefaultServiceAccount = "default";

    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "As a workload names it, for example nginx:1.27 or ghcr.io/team/app:latest." };
        var @namespace = new Option<string?>("--namespace", "-n")
        {
            Description = "Also use the pull secrets that a workload of this namespace gets from its service account. Default: no cluster is asked.",
            HelpName = "NAME",
        };
        var serviceAccount = new Option<string?>("--service-account")
        {
            Description = "With --namespace: the workload's service account. Default: default.",
            HelpName = "NAME",
        };
        var command = new Command(
            "resolve",
            """
            Asks the registry what it serves for one image: its digest, the manifest of each platform, which credential was used and what
            became of the others, never their content. Uses the credentials of the configuration, of the kubelet's credential plugins and of
            Docker's config.json. Fetches the manifest, which Docker Hub counts as a pull.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater resolve nginx:1.27
              image-updater resolve registry.example.com/team/app:prod --namespace team
            """)
        { image, @namespace, serviceAccount };

        command.SetAction(async (parsed, ct) =>
        {
            if (!Startup.ReadOptions(parsed).IsSuccess(out var options, out var problem))
                return CommandLine.Fail(problem);
            if (!ImageReference.Parse(parsed.GetValue(image)).IsSuccess(out var reference, out problem))
                return CommandLine.Fail(problem);
            if (parsed.GetValue(serviceAccount) is not null && parsed.GetValue(@namespace) is null)
                return CommandLine.Fail("--service-account needs the --namespace that it is in");

            KubernetesConnection? connection = null;
            PullIdentity? identity = null;
            if (parsed.GetValue(@namespace) is { } name)
            {
                identity = new PullIdentity(name, parsed.GetValue(serviceAccount) ?? DefaultServiceAccount, PullSecrets: []);
                if (!Startup.Connect(parsed).IsSuccess(out connection, out problem))
                    return CommandLine.Fail(problem);
            }

            using var logging = Startup.CommandLogging(parsed);
            var asked = await Terminal.WithProgressAsync(
                $"asking {reference.Registry}", _ => AskAsync(options, DockerConfig.LoadUserFile(Invocation.EnvironmentOf(parsed)), reference, connection, identity, logging, ct));
            foreach (var warning in asked.Warnings)
                CommandLine.Warn(warning.TrimEnd('.'));
            Print(Terminal.Output, reference, asked);
            return asked.Answer.Failure is { } failure ? CommandLine.Fail(failure.Sentence) : CommandLine.Success;
        });
        return command;
    }

    private static async Task<Asked> AskAsync(
        ImageUpdaterOptions options, DockerConfig userConfig, ImageReference image, KubernetesConnection? connection, PullIdentity? identity,
        ILoggerFactory logging, CancellationToken ct)
    {
        var time = TimeProvider.System;
        using var registries = new RegistryClient(options.Access.Registries, time, logging.CreateLogger<RegistryClient>());
        using var kubernetes = connection is null ? null : new ClusterClient(connection, time, logging.CreateLogger<ClusterClient>());
        var local = new LocalCredentials(userConfig, options.Access.CredentialPlugins, options.Access.Warnings, time);
        var secrets = kubernetes is null ? null : new PullSecrets(kubernetes, time);
        var credentials = await new PullCredentials(secrets, local, options.Access.ReadPullSecrets, options.Access.PullSecretNamespaces).ForIdentityAsync(identity, image, ct);
        var attempts = new AttemptList();
        var answer = await registries.ResolveAsync(image, credentials.For(image), attempts, ct);
        return new Asked(answer, attempts.All, credentials.Warnings);
    }

    private static void Print(IAnsiConsole console, ImageReference image, Asked asked)
    {
        console.MarkupLine($"image        {Terminal.Text(image.ToString())}");
        if (asked.Answer.Value is { } resolved)
        {
            console.MarkupLine($"digest       [green]{resolved.Manifest.Digest}[/]");
            console.MarkupLine($"media type   {Terminal.Text(resolved.Manifest.MediaType)}");
            console.MarkupLine($"answered by  {Terminal.Text(resolved.Server)}");
            console.MarkupLine($"credential   {Terminal.Text(resolved.Credential)}");
        }

        foreach (var attempt in asked.Attempts.Where(attempt => attempt.Ending is not null))
            console.MarkupLine($"tried        {Terminal.Text(attempt.Credential)}: {Terminal.Text(attempt.Ending!)}");
        foreach (var child in asked.Answer.Value?.Manifest.Children ?? [])
            console.MarkupLine($"  {Terminal.Text((child.Platform?.ToString() ?? "any platform").PadRight(16))} {child.Digest}");
    }

    private sealed record Asked(Result<ResolvedImage, RegistryFailure> Answer, IReadOnlyList<Attempt> Attempts, IReadOnlyList<string> Warnings);

    // Progress<T> would report through the thread pool, late and out of order.
    private sealed class AttemptList : IProgress<Attempt>
    {
        public List<Attempt> All { get; } = [];

        public void Report(Attempt value) => All.Add(value);
    }
}
