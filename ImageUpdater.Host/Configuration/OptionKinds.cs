using System.Globalization;
using ImageUpdater.Core;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Configuration;

internal static class OptionKinds
{
    private const int MaxSeconds = 7 * 24 * 60 * 60;

    public static readonly OptionKind<bool> Flag = new("true or false", ParseFlag);

    /// <summary>Whole seconds, up to a week.</summary>
    public static readonly OptionKind<TimeSpan> Seconds = Scaled(TimeSpan.FromSeconds(1), MaxSeconds, "seconds");

    /// <summary>Hours, minutes and seconds, or a number with its unit. The caller checks the upper limit.</summary>
    public static readonly OptionKind<TimeSpan> Span = new("hours:minutes:seconds, or as in `90s`, `15m`", ParseSpan);

    public static readonly OptionKind<TimeSpan?> SpanOrNone = new(Span.Limits, (string text, out TimeSpan? value) =>
    {
        var problem = ParseSpan(text, out var span);
        value = problem is null ? span : null;
        return problem;
    });

    /// <summary>The format of the annotations with the same names.</summary>
    public static readonly OptionKind<TimeSpan> Duration = new("as in `30m`, `1h30m`, `7d`, up to ten years; `0` for none", (string text, out TimeSpan value) =>
    {
        var duration = Durations.Parse(text.Trim());
        value = duration ?? TimeSpan.Zero;
        return duration is null ? $"invalid duration {Quote(text)}; use {Durations.Examples}" : null;
    });

    public static readonly OptionKind<WeeklyWindows> Window = new("as in `Mon-Fri 22:00-04:00 Europe/Berlin`", (string text, out WeeklyWindows value) =>
    {
        var parsed = WeeklyWindows.Parse(text);
        value = parsed.Value!;
        return parsed.Failure is null ? null : $"invalid value {Quote(text)}: {parsed.Failure}";
    });

    public static readonly OptionKind<IReadOnlyList<string>> Namespaces = new("comma-separated names", ParseNamespaces);

    public static readonly OptionKind<WorkloadKey> Workload = new("`namespace/kind/name`", ParseWorkload);

    public static readonly OptionKind<ListenAddress> Listen = new("`HOST:PORT`", (string text, out ListenAddress value) =>
    {
        var parsed = ListenAddress.Parse(text);
        value = parsed.Value!;
        return parsed.Failure;
    });

    /// <summary>Taken verbatim, including spaces. Parsing never fails, so that a message never quotes the value.</summary>
    public static readonly OptionKind<string> Secret = new("text, never shown", (string text, out string value) =>
    {
        value = text;
        return null;
    });

    public static OptionKind<string> Text(string limits) => new(limits, (string text, out string value) =>
    {
        value = text.Trim();
        return null;
    });

    public static OptionKind<int> Whole(int min, int max) => new(
        $"{min} to {max}",
        (string text, out int value) => int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max
            ? null
            : $"invalid value {Quote(text)}; use a whole number from {min} to {max}");

    public static OptionKind<TimeSpan> Scaled(TimeSpan unit, int max, string name)
    {
        var whole = Whole(min: 1, max);
        return new OptionKind<TimeSpan>($"{name}, {whole.Limits}", (string text, out TimeSpan value) =>
        {
            var problem = whole.Parse(text, out var number);
            value = unit * number;
            return problem;
        });
    }

    public static OptionKind<T> Choice<T>()
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        return new OptionKind<T>(string.Join(" or ", names.Select(name => $"`{name}`")), (string text, out T value) =>
        {
            // Enum.TryParse also accepts numbers.
            value = default;
            return names.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text.Trim(), ignoreCase: true, out value)
                ? null
                : $"invalid value {Quote(text)}; use {string.Join(" or ", names)}";
        });
    }

    private static string? ParseFlag(string text, out bool value)
    {
        value = text.Trim().ToLowerInvariant() is "true" or "1" or "yes";
        return value || text.Trim().ToLowerInvariant() is "false" or "0" or "no" ? null : $"invalid value {Quote(text)}; use true or false";
    }

    // TimeSpan.TryParse reads a bare number as days.
    private static string? ParseSpan(string text, out TimeSpan value)
    {
        var trimmed = text.Trim();
        if (trimmed.Contains(':') && TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out value))
            return null;

        value = Durations.Parse(trimmed) ?? TimeSpan.Zero;
        return value == TimeSpan.Zero ? $"invalid duration {Quote(text)}; use hours:minutes:seconds, for example 00:00:30, or a number with a unit, for example 30s" : null;
    }

    private static string? ParseNamespaces(string text, out IReadOnlyList<string> value)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        value = names;
        if (Array.Find(names, name => !IsNamespace(name)) is { } wrong)
            return $"invalid namespace {Quote(wrong, 80)}; use comma-separated names, for example shop,media";
        return names.Length == 0 ? "no namespace in the list; use comma-separated names, or remove the option for all namespaces" : null;
    }

    // An RFC 1123 label. The name becomes part of an API path, so nothing else may pass.
    public static bool IsNamespace(string name) =>
        name.Length is > 0 and <= 63 && name[0] != '-' && name[^1] != '-' && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    // An RFC 1123 subdomain. With any other name no workload would match, and the operator would not be restarted last.
    private static bool IsName(string name) => name.Length <= 253 && name.Split('.').All(IsNamespace);

    private static string? ParseWorkload(string text, out WorkloadKey value)
    {
        if (text.Trim().Split('/') is [var @namespace, var kindText, var name] && IsNamespace(@namespace) && IsName(name) && WorkloadKey.TryParseKind(kindText, out var kind))
        {
            value = new WorkloadKey(@namespace, kind.Value, name);
            return null;
        }

        value = null!;
        return $"invalid workload {Quote(text, 80)}; use namespace/kind/name, for example image-updater/deployment/image-updater";
    }

    private static string Quote(string text, int maxLength = 40) => $"'{UntrustedText.Bound(text.Trim(), maxLength)}'";
}
