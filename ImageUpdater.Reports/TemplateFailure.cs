using System.Globalization;
using System.Text.RegularExpressions;
using HandlebarsDotNet.Compiler;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>What Handlebars throws at a template, as one sentence with the place where that is known.</summary>
internal static partial class TemplateFailure
{
    public static string Sentence(Exception exception, string template) => exception switch
    {
        HandlebarsUndefinedBindingException undefined =>
            $"the template can't be used: the report has nothing called '{OutsideText.Bound(undefined.MissingKey, 80)}'{PlaceOf(undefined.MissingKey, template)}",
        _ => $"the template can't be used: {Cause(exception, template)}",
    };

    private static string Cause(Exception exception, string template)
    {
        var message = exception.Message;
        if (Occurrence().Match(message) is { Success: true } match)
        {
            // Counted from 0 there, as no editor does.
            var line = int.Parse(match.Groups["line"].ValueSpan, CultureInfo.InvariantCulture) + 1;
            var column = int.Parse(match.Groups["column"].ValueSpan, CultureInfo.InvariantCulture) + 1;
            return $"{FirstSentence(message[..match.Index])} (line {line}, column {column})";
        }

        var place = QuotedName().Match(message) is { Success: true } quoted ? PlaceOf(quoted.Groups["name"].Value, template) : "";
        return exception is HandlebarsDotNet.HandlebarsException ? FirstSentence(message) + place : $"it has a block that Handlebars can't read{place}";
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return OutsideText.Bound((end < 0 ? message : message[..end]).Trim().TrimEnd('.', ':'));
    }

    // Handlebars tells a name, and no place: the first expression that has it is the likely one.
    private static string PlaceOf(string name, string template)
    {
        if (name.Length == 0)
            return "";

        var open = template.IndexOf("{{", StringComparison.Ordinal);
        while (open >= 0)
        {
            var end = template.IndexOf("}}", open, StringComparison.Ordinal);
            end = end < 0 ? template.Length : end;
            if (template.AsSpan(open, end - open).Contains(name, StringComparison.Ordinal))
                return $" (line {template.AsSpan(0, open).Count('\n') + 1})";
            open = template.IndexOf("{{", end, StringComparison.Ordinal);
        }

        return "";
    }

    [GeneratedRegex(@"\s*Occured at:\s*(?<line>\d{1,9}):(?<column>\d{1,9})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Occurrence();

    [GeneratedRegex("'(?<name>[^']{1,200})'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedName();
}
