using System.Collections;
using System.Reflection;
using System.Text.Json;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>
/// One rendering: what the template sees, how much it may take, and the one place where a value becomes text and is encoded. Nothing else
/// of Scriban's is open to it: no functions but ours, no other files, no members of the platform's types.
/// </summary>
internal sealed class RenderContext : TemplateContext
{
    private readonly Func<string, string> encode;
    private readonly RenderLimits limits;

    // Scriban's position is that of the block around a value; the expression is more precise.
    private SourceSpan lastExpression;

    public RenderContext(object model, TemplateEncoding encoding, RenderLimits limits, CancellationToken timeoutToken)
        : base(TemplateFunctions.Of(encoding))
    {
        encode = Encoders.Of(encoding);
        this.limits = limits;
        StrictVariables = true;
        EnableRelaxedMemberAccess = false;
        EnableRelaxedTargetAccess = false;
        EnableRelaxedIndexerAccess = false;
        EnableRelaxedFunctionAccess = false;
        MemberRenamer = JsonName;
        MemberFilter = IsOfModel;
        CancellationToken = timeoutToken;
        LoopLimit = limits.Iterations;
        RecursiveLimit = limits.Calls;
        AutoIndent = false;
        NewLine = "\n";

        // Scriban silently truncates at this limit. It is one above our own, which fails with a message first.
        LimitToString = limits.Characters + 1;
        PushOutput(new BoundedOutput(limits.Characters));

        var names = new ScriptObject();
        names.Import(model, IsOfModel, JsonName);
        PushGlobal(names);
    }

    /// <summary>Every value that is shown comes through here; the template's own text does not.</summary>
    public override TemplateContext Write(SourceSpan span, object? textAsObject)
    {
        try
        {
            return Write(textAsObject is EncodedText encoded ? encoded.Text : encode(ObjectToString(textAsObject) ?? ""));
        }
        catch (InvalidOperationException refused)
        {
            throw new ScriptRuntimeException(lastExpression, refused.Message, refused);
        }
    }

    /// <summary>Texts, numbers, booleans and times. Other values would expose implementation types.</summary>
    public override string? ObjectToString(object? value, bool nested = false) => value switch
    {
        null => null,
        string text => Bounded(text),
        EncodedText encoded => Bounded(encoded.Text),
        DateTimeOffset time => Rfc3339.Write(time),
        decimal => base.ObjectToString(value),
        _ when value.GetType().IsPrimitive => base.ObjectToString(value),
        IScriptCustomFunction => throw new InvalidOperationException("a function is not text"),
        IEnumerable => throw new InvalidOperationException("a list is not text; show its items with {{ for item in list }} {{ end }}"),
        _ => throw new InvalidOperationException("an object is not text; show one of its fields, as in {{ item.name }}"),
    };

    /// <summary>Also false: 0, an empty text, an empty list, which Scriban itself treats as true.</summary>
    public override bool ToBool(SourceSpan span, object? value) => value switch
    {
        string text => text.Length > 0,
        EncodedText encoded => encoded.Text.Length > 0,
        IEnumerable items => items.Cast<object?>().Any(),
        IConvertible number when number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal => number.ToDouble(provider: null) != 0,
        _ => base.ToBool(span, value),
    };

    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
    {
        var value = base.Evaluate(scriptNode, aliasReturnedFunction);
        if (scriptNode is ScriptExpressionStatement)
            lastExpression = scriptNode.Span;

        // Texts, lists and integers of any length grow with each step, and a step with the longest of them takes minutes.
        if (scriptNode is ScriptBinaryExpression { Operator: >= ScriptBinaryOperator.Add } && value is not (int or long or double or decimal))
            throw new ScriptRuntimeException(scriptNode.Span, "arithmetic supports numbers only, up to 9,223,372,036,854,775,807");

        return value;
    }

    private string Bounded(string text) => text.Length <= limits.Characters
        ? text
        : throw new InvalidOperationException($"a text has more than {Words.Number(limits.Characters)} characters");

    private static string JsonName(MemberInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    private static bool IsOfModel(MemberInfo member) =>
        member is PropertyInfo && member.DeclaringType?.Namespace?.StartsWith(nameof(System), StringComparison.Ordinal) != true;
}
