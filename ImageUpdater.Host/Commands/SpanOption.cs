using System.CommandLine.Parsing;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>An option that is a span of time.</summary>
internal static class SpanOption
{
    public static TimeSpan Read(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
        if (Durations.Parse(text) is { } duration && duration > TimeSpan.Zero)
            return duration;

        argument.AddError($"'{UntrustedText.Bound(text, 40)}' is not a span of time: write {Durations.Examples}");
        return TimeSpan.Zero;
    }
}
