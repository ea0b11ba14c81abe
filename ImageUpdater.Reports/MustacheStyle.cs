using System.Text.RegularExpressions;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>
/// Detects templates in the mustache style of the engine before Scriban. Scriban would read parts of them as comments and omit them silently.
/// </summary>
public static partial class MustacheStyle
{
    private const string WhatToDo =
        "templates use Scriban: replace {{#each restarts}} {{name}} {{/each}} with {{ for item in restarts }} {{ item.name }} {{ end }}, "
        + "and {{#if x}} {{/if}} with {{ if x }} {{ end }}; see docs/reports.md for the full list";

    /// <summary>What to do with an .hbs file; null for other files.</summary>
    public static string? AdviceFor(string path) =>
        path.EndsWith(".hbs", StringComparison.OrdinalIgnoreCase) ? $"'{path}' is a template of an earlier version; {WhatToDo}. Then rename the file to .scriban" : null;

    /// <summary>What to change in a template; null when it has no such expression.</summary>
    public static string? Advice(string template) => Expression().Match(template) is { Success: true } match
        ? $"the template has {UntrustedText.Bound(match.Value, 60)} (line {template.AsSpan(0, match.Index).Count('\n') + 1}); {WhatToDo}"
        : null;

    [GeneratedRegex(
        @"\{\{~?(#(each|if|unless|with)\b|/(each|if|unless|with)\b|\{[^{}]*\}\}\})",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Expression();
}
