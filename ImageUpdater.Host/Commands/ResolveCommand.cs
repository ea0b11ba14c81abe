using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Transport;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class ResolveCommand
{
    private const string DefaultServiceAccount = "default";

    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "The image as in a workload, for example nginx:1.27 or ghcr.io/team/app:latest." };
        var @namespace = GlobalOptions.Namespace("Also use the pull secrets of a service account in this namespace. Default: the cluster is not queried.");
        var serviceAccount = new Option<string?>("--service-account")
        {
            Description = "The service account in --namespace. Default: default.",
            HelpName = "NAME",
        };
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "resolve",
            """
            Shows what the registry serves for one image: its digest, the manifest of each platform, the credential that was used and the
            result of each one tried, without secrets. Uses the credentials of the configuration, of the kubelet's credential plugins
            and of Docker's config.json. Fetches the manifest, which Docker Hub counts as a pull.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater resolve nginx:1.27
              image-updater resolve registry.example.com/team/app:prod --namespace team
            """)
        { image, @namespace, serviceAccount, output.Format, output.File };

        command.SetAction((parsed, cancellationToken) =>
        {
            if (!ImageReference.Parse(parsed.GetValue(image)).IsSuccess(out var reference, out var problem))
                return Task.FromResult(CommandLine.Fail($"{problem}; use for example nginx:1.27 or registry.example.com/team/app:prod, without http://"));
            if (!output.Of(parsed).IsSuccess(out var target, out problem))
                return Task.FromResult(CommandLine.Fail(problem));
            if (parsed.GetValue(serviceAccount) is not null && parsed.GetValue(@namespace) is null)
                return Task.FromResult(CommandLine.Fail("--service-account requires --namespace"));

            var identity = parsed.GetValue(@namespace) is { } name
                ? new PullIdentity(name, parsed.GetValue(serviceAccount) ?? DefaultServiceAccount, PullSecrets: [])
                : null;
            return CommandHost.RunAsync<Question>(parsed, Parts, (question, cancellationToken) => question.AskAsync(reference, identity, target, cancellationToken), cancellationToken);

            void Parts(IServiceCollection parts)
            {
                parts.AddRegistries();
                if (identity is not null)
                    parts.AddCluster();
            }
        });
        return command;
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

    private static ResolvedImageDocument Document(ImageReference image, Asked asked)
    {
        var resolved = asked.Answer.Value;
        return new ResolvedImageDocument(
            image.ToString(), resolved?.Manifest.Digest.Value, Terminal.Plain(resolved?.Manifest.MediaType), Terminal.Plain(resolved?.Server), Terminal.Plain(resolved?.Credential),
            resolved is null ? null : StateDocuments.Platforms(resolved.Manifest), Terminal.Plain(asked.Answer.Failure?.Message),
            [.. asked.Attempts.Where(attempt => attempt.Ending is not null).Select(attempt => new TriedCredential(Terminal.Plain(attempt.Credential), Terminal.Plain(attempt.Ending!)))]);
    }

    private sealed class Question(PullCredentials credentials, RegistryClient registries, TimeProvider time)
    {
        public async Task<int> AskAsync(ImageReference image, PullIdentity? identity, Output target, CancellationToken cancellationToken)
        {
            var asked = await Terminal.WithProgressAsync($"querying {image.Registry}", async _ =>
            {
                var found = await credentials.ForIdentityAsync(identity, image, cancellationToken);
                var attempts = new AttemptList();
                var answer = await registries.ResolveAsync(image, found.For(image), attempts, cancellationToken);
                return new Asked(answer.Failure is { } failure ? found.Explain(image, failure) : answer, attempts.All, found.Warnings);
            });
            foreach (var warning in asked.Warnings)
                CommandLine.Warn(warning.TrimEnd('.'));
            var written = target.Write(new Document(asked.Answer.Value?.Manifest.Digest.Abbreviated ?? "no digest")
            {
                Text = console => Print(console, image, asked),
                Json = () => StateDocuments.Resolved(Document(image, asked), time.GetUtcNow()),
            });
            return asked.Answer.Failure is { } failure ? CommandLine.Fail(failure.Message) : written;
        }
    }

    private sealed record Asked(Result<ResolvedImage, RegistryFailure> Answer, IReadOnlyList<Attempt> Attempts, IReadOnlyList<string> Warnings);

    // Not Progress<T>, which reports through the thread pool, late and out of order.
    private sealed class AttemptList : IProgress<Attempt>
    {
        public List<Attempt> All { get; } = [];

        public void Report(Attempt value) => All.Add(value);
    }
}
