using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Checks images now, although they are not due, and shows what is served for them.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var what = new WorkloadOptions(required: false, others: ", or an image as in a workload: nginx:1.27. Default: all images that enabled workloads track");
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "check",
            """
            Checks images now, although they are not due, and shows what their tags serve. If a controller is running, it checks them, and rolls
            out what it finds as after any other check; otherwise nothing is changed in the cluster. A registry that is backing off is not asked.

            Exit codes: 0 done; 1 an image could not be checked, or an error.

            Example:
              image-updater check deployment/web --namespace default
            """)
        { output.Format, output.File };
        what.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!SelectionOf(what, parsed).IsSuccess(out var selection, out var problem) || !output.Of(parsed).IsSuccess(out var target, out problem))
                return CommandLine.Fail(problem);

            var asked = session.InUse is null ? await CheckAsync(session, selection, cancellationToken) : await session.AskAsync(controller => controller.CheckAsync(selection, cancellationToken));
            return asked.IsSuccess(out var images, out problem) ? Write(target, images, session.Time.GetUtcNow()) : CommandLine.Fail(problem);
        }, cancellationToken, mayOnlyRead: true));
        return command;
    }

    private static async Task<Result<CheckedImageDocument[], string>> CheckAsync(Session session, CheckSelection selection, CancellationToken cancellationToken)
    {
        var made = await session.PlanAsync(
            request => request with { Namespaces = GlobalOptions.Only(selection.Namespace), Refresh = Refresh.Asked, Checks = [selection], KeepEmpty = false }, cancellationToken);
        if (!made.IsSuccess(out var plan, out var failure))
            return failure.Message;

        var images = CheckedImages.Of(plan, selection);
        return images.Count == 0 ? CheckedImages.NoneFound : images.ToArray();
    }

    // An image has a tag, a digest or a host; kinds and namespaces have none of the characters of these.
    private static Result<CheckSelection, string> SelectionOf(WorkloadOptions what, ParseResult parsed)
    {
        var words = what.Words(parsed);
        if (words is [var only] && (only.AsSpan().ContainsAny(':', '@') || only.Split('/') is [var host, _, ..] && host.Contains('.')))
        {
            return ImageReference.Parse(only).IsSuccess(out var image, out var problem)
                ? new CheckSelection(what.NamespaceOf(parsed), Image: image)
                : problem;
        }

        return what.Of(parsed).IsSuccess(out var chosen, out var invalid) ? new CheckSelection(chosen.Namespace, chosen.Kind, chosen.Name) : invalid;
    }

    private static int Write(Output target, CheckedImageDocument[] images, DateTimeOffset now)
    {
        var written = target.Write(new Document(Words.Count(images.Length, "image"))
        {
            Text = console => Print(console, images, target.IsWide, now),
            Json = () => CheckedImageList.Write(images, now),
        });
        return written == CommandLine.Success && images.Any(image => image.Failure is not null) ? CommandLine.Error : written;
    }

    private static void Print(IAnsiConsole console, CheckedImageDocument[] images, bool isWide, DateTimeOffset now)
    {
        var table = new TextTable("IMAGE", "SERVED", "SINCE", "CHECKED", "WORKLOADS");
        foreach (var image in images)
        {
            table.Add(
                image.Image,
                image.Failure is { } failure ? new TextTable.Cell(failure, "red") : Digest(image.Digest, isWide),
                image.ServedSince is { } since ? Terminal.Age(now - since) : "",
                image.CheckedAt is { } at ? Terminal.Age(now - at) : "never",
                isWide || image.Workloads.Count <= 1 ? string.Join(", ", image.Workloads) : $"{image.Workloads[0]} and {image.Workloads.Count - 1} more");
        }

        table.Print(console);
    }

    private static string Digest(string? text, bool isWide) => ImageUpdater.Core.Images.Digest.TryParse(text, out var digest) ? (isWide ? digest.Value : digest.Abbreviated) : "unknown";
}
