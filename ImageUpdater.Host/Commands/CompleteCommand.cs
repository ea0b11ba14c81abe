using System.CommandLine;
using System.CommandLine.Completions;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Composition;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Commands;

/// <summary>What the scripts of <see cref="CompletionCommand"/> call: prints the words that may stand at the cursor, one a line.</summary>
internal static class CompleteCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var position = new Option<int?>("--position") { Description = "The position of the cursor in LINE.", HelpName = "N" };
        var line = new Argument<string>("LINE") { Description = "The command line so far." };
        var command = new Command("complete", "Prints what may stand at the cursor.") { position, line };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(line);
            // The shell cuts nothing off: what follows the cursor is not completed.
            text = text[..Math.Clamp(parsed.GetValue(position) ?? text.Length, 0, text.Length)];
            // Without the program's own name, which may be a path.
            text = text.TrimStart().Split(' ', 2) is [_, var rest] ? rest : "";
            var typed = CommandLine.Parse(text);
            var word = text.Split(' ')[^1];
            var found = new List<string>();
            foreach (var item in typed.GetCompletions(text.Length).Select(item => item.Label))
            {
                if (!Placeholder.IsOne(item))
                    found.Add(item);
                else
                    found.AddRange(Placeholder.Names(item, await NamesAsync(Invocation.EnvironmentOf(parsed), typed, cancellationToken)));
            }

            // The parser's own completions contain the word anywhere, and offer options where a command or a name is wanted.
            foreach (var suggestion in found.Where(item => item.StartsWith(word, StringComparison.Ordinal) && (word.StartsWith('-') || !(item.StartsWith('-') || item.StartsWith('/')))).Distinct(StringComparer.Ordinal))
                Console.Out.WriteLine(Terminal.Plain(suggestion));
            return CommandLine.Success;
        });
        return command;
    }

    // Nothing that goes wrong here may disturb somebody who is typing.
    private static async Task<IReadOnlyList<WorkloadKey>> NamesAsync(IReadOnlyDictionary<string, string> environment, ParseResult typed, CancellationToken cancellationToken)
    {
        var call = CommandHost.CallOf(typed, environment);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        IReadOnlyList<WorkloadKey> names = [];
        try
        {
            await CommandHost.RunAsync<ClusterClient>(call, parts => parts.AddCluster(), async (cluster, cancellationToken) =>
            {
                var lists = await Task.WhenAll(Enum.GetValues<WorkloadKind>().Select(kind => cluster.ListEnabledWorkloadsAsync(kind, @namespace: null, cancellationToken)));
                names = [.. lists.SelectMany(list => list.Value?.Items ?? []).Select(workload => workload.Key)];
                return CommandLine.Success;
            }, limited.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or CannotStartException)
        {
            // Then those that the store knows.
        }

        return names.Count > 0 ? names : await StoredAsync(call, cancellationToken);
    }

    private static async Task<IReadOnlyList<WorkloadKey>> StoredAsync(Call call, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkloadKey> names = [];
        try
        {
            await CommandHost.RunAsync<StoreSession>(call, parts => parts.AddState(StateStoreAccess.ReadOnly), async (session, cancellationToken) =>
            {
                names = [.. (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.Select(decision => decision.Workload)];
                return CommandLine.Success;
            }, cancellationToken);
        }
        catch (Exception exception) when (exception is CannotStartException or StateStoreException)
        {
            // Nothing to suggest.
        }

        return names;
    }
}

/// <summary>
/// Stands for names that have to be read from the cluster: the parser asks for completions synchronously. It carries the word to complete, by which the parser
/// filters.
/// </summary>
internal static class Placeholder
{
    private const string Workloads = "\u0001";
    private const string Namespaces = "\u0002";

    /// <param name="namespace">The namespace on the command line; null for all.</param>
    public static string OfWorkloads(CompletionContext context, string? @namespace) => $"{Workloads}{@namespace}{Workloads}{context.WordToComplete}";

    public static string OfNamespaces(CompletionContext context) => $"{Namespaces}{context.WordToComplete}";

    public static bool IsOne(string item) => item.StartsWith(Workloads, StringComparison.Ordinal) || item.StartsWith(Namespaces, StringComparison.Ordinal);

    public static IEnumerable<string> Names(string item, IReadOnlyList<WorkloadKey> known)
    {
        var isNamespace = item.StartsWith(Namespaces, StringComparison.Ordinal);
        var parts = item.Split(Workloads);
        var word = isNamespace ? item[Namespaces.Length..] : parts[2];
        var names = isNamespace
            ? known.Select(key => key.Namespace)
            : known.Where(key => parts[1].Length == 0 || key.Namespace == parts[1]).Select(key => word.Count(letter => letter == '/') > 1 ? key.ToString() : key.KindAndName);
        return names.Where(name => name.StartsWith(word, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }
}
