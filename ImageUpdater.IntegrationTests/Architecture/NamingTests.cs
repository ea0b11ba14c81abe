using System.Reflection;

namespace ImageUpdater.IntegrationTests.Architecture;

/// <summary>Naming rules that .editorconfig can't express.</summary>
public sealed class NamingTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Projects() => new("Http", "Registry", "Kubernetes", "Persistence", "Reports", "Host", "Sandbox", "IntegrationTests");

    /// <summary>cancellationToken, as in .NET. Of two, one has a name for its purpose: <c>finishToken</c>.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void CancellationTokens_OfEveryMethodAndLambda_AreNamedOneWay(string project)
    {
        var tokens = Assembly.Load($"ImageUpdater.{project}").GetTypes()
            .SelectMany(type => type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
            .SelectMany(method => method.IsSpecialName && !method.IsConstructor ? [] : method.GetParameters())
            .Where(parameter => parameter.ParameterType == typeof(CancellationToken) && parameter.Name is not (null or "" or "_"))
            .ToList();

        Assert.NotEmpty(tokens);
        var others = tokens.Where(token => token.Name != "cancellationToken" && !token.Name!.EndsWith("Token", StringComparison.Ordinal))
            .Select(token => $"{token.Name} of {token.Member.DeclaringType}.{token.Member.Name}").ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
    }
}
