using System.CommandLine;
using System.CommandLine.Parsing;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>Parses an option that is a duration.</summary>
internal static class SpanOption
{
    public static Option<TimeSpan?> Since(string period) => new("--since")
    {
        Description = $"{period}, for example 12h, 30d or 4w.",
        HelpName = "DURATION",
        CustomParser = argument => Read(argument),
    };

    public static TimeSpan Read(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Durations.Parse(text) is { } duration && duration > TimeSpan.Zero)
            return duration;

        argument.AddError($"invalid duration '{UntrustedText.Bound(text, 40)}'; use {Durations.Examples}");
        return TimeSpan.Zero;
    }
}
