using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>
/// A function that can be called with arguments too many: Scriban asks for the type of each before it counts them, and its own wrapper of
/// a delegate then fails with words that help nobody.
/// </summary>
internal sealed class CountedFunction(IScriptCustomFunction function) : IScriptCustomFunction
{
    public int RequiredParameterCount => function.RequiredParameterCount;

    public int ParameterCount => function.ParameterCount;

    public ScriptVarParamKind VarParamKind => function.VarParamKind;

    public Type ReturnType => function.ReturnType;

    public ScriptParameterInfo GetParameterInfo(int index) => new(index < ParameterCount ? function.GetParameterInfo(index).ParameterType : typeof(object), name: "");

    public object? Invoke(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        function.Invoke(context, callerContext, arguments, blockStatement);

    public ValueTask<object?> InvokeAsync(TemplateContext context, ScriptNode? callerContext, ScriptArray arguments, ScriptBlockStatement? blockStatement) =>
        function.InvokeAsync(context, callerContext, arguments, blockStatement);
}
