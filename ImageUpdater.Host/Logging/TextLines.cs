using ImageUpdater.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>
/// The log of <c>run</c> for people: time, level and message. The category follows the level where it helps: of other libraries, and of debug messages,
/// for which a level is set by category.
/// </summary>
internal sealed class TextLines(TimeProvider time) : ConsoleFormatter(Format)
{
    public const string Format = "lines";

    // Enough for the stack trace of an exception.
    private const int MaxLength = 16 * 1024;

    // Of the longest usual level.
    private const int LevelWidth = 5;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.LogLevel < LogLevel.Information || !logEntry.Category.StartsWith(nameof(ImageUpdater), StringComparison.Ordinal) ? $"{logEntry.Category}: " : "";
        var cause = logEntry.Exception is { } exception ? $": {exception}" : "";
        var text = $"{LogLine.Level(logEntry.LogLevel).PadRight(LevelWidth)} {category}{logEntry.Formatter(logEntry.State, logEntry.Exception)}{cause}";
        textWriter.Write($"{LogLine.Time(time.GetUtcNow())} {UntrustedText.Bound(text, MaxLength)}\n");
    }
}
