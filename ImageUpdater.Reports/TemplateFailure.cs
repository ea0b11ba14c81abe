using ImageUpdater.Core;
using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>Scriban's error as one message with its position. It quotes the template and its values, which are untrusted text.</summary>
internal static class TemplateFailure
{
    public static string Message(LogMessageBag messages)
    {
        var first = messages.First(message => message.Type == ParserMessageType.Error);
        return Message(first.Message, first.Span);
    }

    public static string Message(ScriptNode refused) => Message($"not supported in templates: {ScriptSyntaxAttribute.Get(refused.GetType()).TypeName}", refused.Span);

    public static string Message(ScriptRuntimeException exception) => Message(exception.OriginalMessage, exception.Span);

    // Scriban counts from 0, editors count from 1.
    private static string Message(string message, SourceSpan span) =>
        $"{UntrustedText.Bound(message)} (line {span.Start.Line + 1}, column {span.Start.Column + 1})";
}
