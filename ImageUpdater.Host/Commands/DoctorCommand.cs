using System.CommandLine;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Diagnosing;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Examines everything that a new user may get wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var @namespace = GlobalOptions.Namespace();
        var skip = new Option<DoctorCheck[]>("--skip")
        {
            Description = $"Checks to leave out: {Choices.Names<DoctorCheck>(", ")}.",
            HelpName = "CHECK,…",
            CustomParser = Choices.SeveralOf<DoctorCheck>,
            DefaultValueFactory = _ => [],
        };
        skip.CompletionSources.Clear();
        skip.CompletionSources.Add(Choices.Names<DoctorCheck>().Split('|'));
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "doctor",
            """
            Checks configuration, cluster, clock, permissions, annotations, registries with their credentials, proxy and the volume of the state, and says
            what to do. Changes nothing in the cluster: it creates SelfSubjectAccessReviews, which are answered and not stored. Can be used while a
            controller is running.

            Exit codes: 0 no check failed; 1 a check failed, or an error.

            Example:
              image-updater doctor --namespace default
            """)
        { skip, output.Format, output.File };
        GlobalOptions.AddNamespace(command, @namespace);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!output.Of(parsed).IsSuccess(out var target, out var problem))
                return CommandLine.Fail(problem);

            var call = CommandHost.CallOf(parsed);
            if (ProblemsOf(call) is { Count: > 0 } problems)
                return Write(target, [.. ConfigurationChecker.Of(problems, warnings: [])], TimeProvider.System.GetUtcNow());

            return await CommandHost.RunAsync<Examination>(
                call, parts => parts.AddRegistries().AddDoctor(),
                (examination, cancellationToken) => examination.RunAsync(target, GlobalOptions.Only(parsed.GetValue(@namespace)), parsed.GetValue(skip)!.ToHashSet(), cancellationToken),
                cancellationToken);
        });
        return command;
    }

    // An invalid configuration stops every other command; here it is a finding.
    private static IReadOnlyList<string> ProblemsOf(Call call)
    {
        if (!OptionsReader.Load(call.Environment, call.State).IsSuccess(out var settings, out var problem))
            return [problem];
        using (settings)
            return OptionsReader.Read(settings, OptionsReader.Contradictions(call.Environment)).Failure ?? [];
    }

    private static int Write(Output target, IReadOnlyList<Finding> findings, DateTimeOffset now)
    {
        var written = target.Write(new Document(Summary(findings))
        {
            Text = console => Print(console, findings),
            Json = () => StateDocuments.Diagnosis(
                [.. findings.Select(finding => new FindingDocument(Name(finding.Check), Name(finding.Status), finding.Message, finding.Hint, finding.Manifest))], now),
        });
        return findings.Any(finding => finding.Status == FindingStatus.Failed) ? CommandLine.Error : written;
    }

    private static void Print(IAnsiConsole console, IReadOnlyList<Finding> findings)
    {
        var table = new TextTable("RESULT", "CHECK", "WHAT");
        foreach (var finding in findings)
            table.Add(new TextTable.Cell(Name(finding.Status), Style(finding.Status)), Name(finding.Check), finding.Hint is null ? finding.Message : $"{finding.Message}; {finding.Hint}");
        table.Print(console);
        foreach (var manifest in findings.Select(finding => finding.Manifest).OfType<string>())
        {
            console.WriteLine();
            console.WriteLine("---");
            foreach (var line in manifest.TrimEnd('\n').Split('\n'))
                console.WriteLine(line);
        }

        console.WriteLine();
        console.WriteLine($"{Summary(findings)}.");
    }

    private static string Summary(IReadOnlyList<Finding> findings) =>
        $"{Count(findings, FindingStatus.Ok)} ok, {Words.Count(Count(findings, FindingStatus.Warning), "warning")}, {Count(findings, FindingStatus.Failed)} failed";

    private static int Count(IReadOnlyList<Finding> findings, FindingStatus status) => findings.Count(finding => finding.Status == status);

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string? Style(FindingStatus status) => status switch
    {
        FindingStatus.Ok => "green",
        FindingStatus.Warning => "yellow",
        _ => "red",
    };

    private sealed class Examination(Doctor doctor, TimeProvider time)
    {
        public async Task<int> RunAsync(Output target, IReadOnlyList<string>? only, IReadOnlySet<DoctorCheck> skipped, CancellationToken cancellationToken)
        {
            var findings = await Terminal.WithProgressAsync("examining", _ => doctor.ExamineAsync(only, skipped, cancellationToken));
            return Write(target, findings, time.GetUtcNow());
        }
    }
}
