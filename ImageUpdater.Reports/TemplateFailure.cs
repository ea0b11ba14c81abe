using ImageUpdater.Core;
using Scriban;
using Scriban.Parsing;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>What Scriban says about a template, as one sentence with the place. It quotes the template and its values: text from outside.</summary>
internal static class TemplateFailure
{
    public static string Sentence(LogMessageBag messages)
    {
        var first = messages.First(message => message.Type == ParserMessageType.Error);
        return Sentence(first.Message, first.Span);
    }

    public static string Sentence(ScriptNode refused) => Sentence($"not supported in templates: {ScriptSyntaxAttribute.Get(refused.GetType()).TypeName}", refused.Span);

    public static string Sentence(ScriptRuntimeException exception) => Sentence(exception.OriginalMessage, exception.Span);

    // Counted from 0 there, as no editor does.
    private static string Sentence(string message, SourceSpan span) =>
        $"{OutsideText.Bound(message)} (line {span.Start.Line + 1}, column {span.Start.Column + 1})";
}
