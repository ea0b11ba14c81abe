using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Commands;

/// <summary>
/// Workloads as kubectl takes them: <c>deployment/web</c>, <c>deployment web</c>, <c>web</c> of any kind, and <c>shop/deployment/web</c> as our own output
/// writes it.
/// </summary>
/// <param name="Text">As it was written; empty for all workloads.</param>
/// <param name="Kind">Null for any.</param>
/// <param name="Name">Null for any.</param>
/// <param name="Namespace">Null for all.</param>
internal sealed record WorkloadChoice(string Text, WorkloadKind? Kind, string? Name, string? Namespace)
{
    private const int MaxQuoted = 80;

    private static readonly string[] Kinds = ["deployment", "statefulset", "daemonset"];

    public static Result<WorkloadChoice, string> Read(IReadOnlyList<string> words, string? @namespace)
    {
        var text = string.Join(' ', words);
        return words.SelectMany(word => word.Split('/')).ToList() switch
        {
            [] => new WorkloadChoice("", Kind: null, Name: null, @namespace),
            [{ Length: > 0 } name] => new WorkloadChoice(text, Kind: null, name, @namespace),
            [var kind, { Length: > 0 } name] => Of(text, kind, name, @namespace),
            [{ Length: > 0 } own, var kind, { Length: > 0 } name] when words.Count == 1 => @namespace is null || @namespace == own
                ? Of(text, kind, name, own)
                : $"'{UntrustedText.Bound(text, MaxQuoted)}' is in namespace {UntrustedText.Bound(own, MaxQuoted)}, and --namespace is {UntrustedText.Bound(@namespace, MaxQuoted)}",
            _ => Invalid(text),
        };
    }

    public bool Names(WorkloadKey workload) =>
        (Kind is null || workload.Kind == Kind) && (Name is null || workload.Name == Name) && (Namespace is null || workload.Namespace == Namespace);

    /// <summary>The only workload that is meant, or why there is none.</summary>
    public Result<WorkloadKey, string> Single(IReadOnlyCollection<WorkloadKey> known) => known.Where(Names).Distinct().Order().ToList() switch
    {
        [var only] => only,
        [] => $"{this} not found in the store{DidYouMean(known)}",
        var several => $"{this} is {string.Join(" and ", several)}; say which one",
    };

    /// <summary>For messages: <c>deployment/web in namespace shop</c>.</summary>
    public override string ToString() => UntrustedText.Bound(Text, MaxQuoted) + (Namespace is null ? "" : $" in namespace {UntrustedText.Bound(Namespace, MaxQuoted)}");

    /// <summary>The namespace or workload that was probably meant, for the end of a message; empty if none is similar.</summary>
    public string DidYouMean(IEnumerable<WorkloadKey> known)
    {
        var keys = known.ToHashSet();
        if (Name is { } name && keys.Where(key => key.Name == name && (Kind is null || key.Kind == Kind)).Select(key => key.Namespace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList() is [var elsewhere, ..])
            return $"; did you mean --namespace {elsewhere}?";
        if (Namespace is { } @namespace && !keys.Any(key => key.Namespace == @namespace))
            return ClosestName.Find(@namespace, [.. keys.Select(key => key.Namespace).Distinct(StringComparer.Ordinal)]) is { } other ? $"; did you mean --namespace {other}?" : "";

        var here = keys.Where(key => Namespace is null || key.Namespace == Namespace).ToList();
        return Name is { } wanted && ClosestName.Find(wanted, [.. here.Select(key => key.Name)]) is { } close
            ? $"; did you mean {here.First(key => key.Name == close).KindAndName}?"
            : "";
    }

    private static Result<WorkloadChoice, string> Of(string text, string kindText, string name, string? @namespace) =>
        WorkloadKey.TryParseKind(kindText, out var kind) ? new WorkloadChoice(text, kind, name, @namespace) : Invalid(text, kindText);

    private static string Invalid(string text, string? kind = null) =>
        $"invalid workload '{UntrustedText.Bound(text, MaxQuoted)}'; use KIND/NAME, for example deployment/web"
        + (kind is not null && ClosestName.Find(kind, Kinds) is { } close ? $"; did you mean {close}?" : "");
}
