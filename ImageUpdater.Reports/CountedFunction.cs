using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace ImageUpdater.Reports;

/// <summary>
/// Reports calls with too many arguments clearly: Scriban reads the type of each argument before it counts them, and its own delegate
/// wrapper then fails with a message that does not name the problem.
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
