using System.Reflection;
using System.Reflection.Emit;

namespace ImageUpdater.IntegrationTests.Architecture;

/// <summary>References between the folders of a project, read from the compiled code, which has all references with full names.</summary>
internal static class FolderReferences
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(obj: null)!).ToDictionary(code => code.Value);

    /// <summary>Pairs of namespaces, with the types that cause each reference.</summary>
    public static ILookup<(string From, string To), string> Of(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => UsedBy(type).SelectMany(Parts)
            .Where(used => used.Assembly == assembly && Folder(used) != Folder(type) && !IsOfCompiler(used))
            .Select(used => (Pair: (Folder(type), Folder(used)), Types: $"{Outermost(type).Name} -> {Outermost(used).Name}")))
        .Distinct()
        .ToLookup(reference => reference.Pair, reference => reference.Types);

    private static string Folder(Type type) => Outermost(type).Namespace ?? "";

    private static Type Outermost(Type type) => type.DeclaringType is { } around ? Outermost(around) : type;

    // Helpers that the compiler generates are in no folder.
    private static bool IsOfCompiler(Type type) => Outermost(type).Name.StartsWith('<');

    private static IEnumerable<Type> UsedBy(Type type)
    {
        var ofMembers = type.GetFields(Declared).Select(field => field.FieldType)
            .Concat(type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)).SelectMany(UsedBy));
        return type.GetInterfaces().Concat(ofMembers).Concat(type.BaseType is { } parent ? [parent] : []);
    }

    private static IEnumerable<Type> UsedBy(MethodBase method)
    {
        var signature = method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method is MethodInfo { ReturnType: var result } ? [result] : []);
        return method.GetMethodBody() is { } body
            ? [.. signature, .. body.LocalVariables.Select(local => local.LocalType), .. Tokens(body.GetILAsByteArray()!).SelectMany(token => Resolve(method, token))]
            : signature;
    }

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var member = method.Module.ResolveMember(token, ofType, method.IsGenericMethod ? method.GetGenericArguments() : null);
        return member switch
        {
            Type type => [type],
            MethodInfo { IsGenericMethod: true } called => [called.DeclaringType!, .. called.GetGenericArguments()],
            not null => [member.DeclaringType!],
            null => [],
        };
    }

    // For List<T[]>: List and T.
    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? [] : type.GetGenericArguments().SelectMany(Parts).Append(type);

    /// <summary>The metadata tokens in a method's IL (ECMA-335, partition III).</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var isLong = code[at] == 0xFE;
            var instruction = OpCodesByValue[isLong ? (short)(0xFE00 | code[at + 1]) : code[at]];
            at += isLong ? 2 : 1;
            if (instruction.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return BitConverter.ToInt32(code, at);
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
