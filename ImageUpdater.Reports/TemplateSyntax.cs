using System.Collections.Frozen;
using System.Numerics;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>
/// The part of Scriban's language that templates have: all that shows values, and nothing that keeps, makes or changes one. Without
/// assignments, arrays and objects nothing grows from step to step, and nothing can be nested so deep that to print it ends the process.
/// What a later version of Scriban adds is refused until it is listed here.
/// </summary>
internal static class TemplateSyntax
{
    // Exactly these types: some that are refused derive from them.
    private static readonly FrozenSet<Type> Nodes = new[]
    {
        typeof(ScriptPage), typeof(ScriptBlockStatement), typeof(ScriptRawStatement), typeof(ScriptEscapeStatement), typeof(ScriptNopStatement),
        typeof(ScriptIfStatement), typeof(ScriptElseStatement), typeof(ScriptEndStatement), typeof(ScriptCaseStatement), typeof(ScriptWhenStatement),
        typeof(ScriptForStatement), typeof(ScriptBreakStatement), typeof(ScriptContinueStatement),
        typeof(ScriptFunction), typeof(ScriptParameter), typeof(ScriptReturnStatement), typeof(ScriptFunctionCall), typeof(ScriptPipeCall), typeof(ScriptNamedArgument),
        typeof(ScriptExpressionStatement), typeof(ScriptNestedExpression), typeof(ScriptConditionalExpression), typeof(ScriptLiteral),
        typeof(ScriptVariableGlobal), typeof(ScriptVariableLocal), typeof(ScriptMemberExpression), typeof(ScriptIndexerExpression), typeof(ScriptIsEmptyExpression),
        typeof(ScriptKeyword), typeof(ScriptIdentifier), typeof(ScriptToken),
    }.ToFrozenSet();

    public static ScriptNode? FirstRefused(ScriptNode node)
    {
        if (!IsAllowed(node))
            return node;

        foreach (var child in node.Children)
        {
            if (FirstRefused(child) is { } refused)
                return refused;
        }

        return null;
    }

    private static bool IsAllowed(ScriptNode node) => node switch
    {
        ScriptList => true,

        // Formatting a number with a million digits takes a minute.
        ScriptLiteral { Value: BigInteger } => false,

        // The variable may be a field of the model, which would be set.
        ScriptForStatement { Variable: not ScriptVariable } => false,
        ScriptUnaryExpression { Operator: var sign } => sign is ScriptUnaryOperator.Not or ScriptUnaryOperator.Negate or ScriptUnaryOperator.Plus,
        ScriptBinaryExpression { Operator: var sign } => sign is
            ScriptBinaryOperator.EmptyCoalescing or ScriptBinaryOperator.Or or ScriptBinaryOperator.And
            or ScriptBinaryOperator.CompareEqual or ScriptBinaryOperator.CompareNotEqual or ScriptBinaryOperator.CompareLess
            or ScriptBinaryOperator.CompareLessOrEqual or ScriptBinaryOperator.CompareGreater or ScriptBinaryOperator.CompareGreaterOrEqual
            or ScriptBinaryOperator.Add or ScriptBinaryOperator.Subtract or ScriptBinaryOperator.Multiply
            or ScriptBinaryOperator.Divide or ScriptBinaryOperator.DivideRound or ScriptBinaryOperator.Modulus,
        _ => Nodes.Contains(node.GetType()),
    };
}
