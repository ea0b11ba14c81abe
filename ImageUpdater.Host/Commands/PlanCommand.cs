using System.CommandLine;
using ImageUpdater.Host.Observing;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

internal enum PlanFormat
{
    Text,
    Json,
    Markdown,
}

internal static class PlanCommand
{
    public static Command Create()
    {
        var @namespace = GlobalOptions.Namespace();
        var output = new Option<PlanFormat>("--output", "-o")
        {
            Description = "Output format. Default: text.",
            HelpName = Choices.Names<PlanFormat>(),
            CustomParser = Choices.OneOf<PlanFormat>,
        };
        var file = new Option<string?>("--out") { Description = "Also write the plan to this file, as JSON for apply.", HelpName = "FILE" };
        var detailed = new Option<bool>("--detailed-exitcode") { Description = "Exit with code 2 if there is something to do." };
        var refresh = new Option<bool>("--refresh")
        {
            Description = "Query the registries. With --refresh=false, plan from the store only.",
            DefaultValueFactory = _ => true,
        };
        var command = new Command(
            "plan",
            """
            Queries the registries and shows what apply would do, and why. Stores the plan; changes nothing in the cluster.

            Exit codes: 0 done; with --detailed-exitcode 0 nothing to do and 2 something to do; 1 error.

            Example:
              image-updater plan --namespace default --out plan.json
            """)
        { @namespace, output, file, detailed, refresh };

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var asked = parsed.GetValue(refresh) ? Refresh.All : Refresh.None;
            var made = await session.PlanAsync(request => request with { Namespaces = GlobalOptions.Only(parsed.GetValue(@namespace)), Refresh = asked }, cancellationToken);
            if (!made.IsSuccess(out var plan, out var failure))
                return CommandLine.Fail(failure.Message);

            if (parsed.GetValue(file) is { } path && OutputFile.Write(path, PlanJson.Write(plan.Id, plan.Plan)) is { } problem)
                return CommandLine.Fail(problem);

            switch (parsed.GetValue(output))
            {
                case PlanFormat.Json:
                    Console.Out.Write(PlanJson.Write(plan.Id, plan.Plan));
                    break;
                case PlanFormat.Markdown:
                    Console.Out.Write(PlanMarkdown.Write(plan.Id, plan.Plan));
                    break;
                default:
                    PlanPrinter.Print(Terminal.Output, plan.Id, plan.Plan, showsChecks: true);
                    break;
            }

            return parsed.GetValue(detailed) && plan.Plan.Changes.Any() ? CommandLine.SomethingToDo : CommandLine.Success;
        }, cancellationToken));
        return command;
    }
}
