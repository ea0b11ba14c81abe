using System.Globalization;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class ChallengeParserTests
{
    public static TheoryData<string, string> Values => new()
    {
        { "", "" },
        { "Basic", "Basic" },
        { "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"", "Bearer realm=https://auth.docker.io/token service=registry.docker.io" },
        { "BEARER Realm=\"a\"", "BEARER Realm=a" },
        { "Bearer realm=\"x\",scope=\"repository:a/b:pull,push\"", "Bearer realm=x scope=repository:a/b:pull,push" },
        { "Bearer slashed=\"he\\\"\\l\\lo\"", "Bearer slashed=he\"llo" },
        { "Bearer realm=\"https://x/?a=b,c=d\" , service = bare", "Bearer realm=https://x/?a=b,c=d service=bare" },
        { "Bearer realm=https://auth.example.com/token,service=a", "Bearer realm=https://auth.example.com/token service=a" },
        { "Basic realm=\"a\", Bearer realm=\"b\",service=\"c\"", "Basic realm=a|Bearer realm=b service=c" },
        { "Negotiate, Basic realm=a", "Negotiate|Basic realm=a" },
        { "Negotiate YWJj, Basic realm=a", "Negotiate|Basic realm=a" },
        { "Negotiate YWJj==, Basic realm=a", "Negotiate YWJj==|Basic realm=a" },
        { ",, ,Basic realm=a,,", "Basic realm=a" },
        { "Basic realm=a, realm=b", "Basic realm=a" },
        { "Bearer realm=\"never closed, service=x", "Bearer realm=never closed, service=x" },
        { "Bearer realm=\"ends in a backslash\\", "Bearer realm=ends in a backslash\\" },
        { "\"?;=\", Basic realm=a", "Basic realm=a" },
        { "Bearer realm=", "Bearer realm=" },
        { "= = =", "" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Parse_Value_GivesChallenges(string value, string expected) =>
        Assert.Equal(expected, Show(ChallengeParser.Parse([value])));

    [Fact]
    public void Parse_SeveralHeaders_AreReadInOrder() =>
        Assert.Equal("Basic realm=a|Bearer realm=b", Show(ChallengeParser.Parse(["Basic realm=a", "Bearer realm=b"])));

    [Fact]
    public void Choose_BothOffered_TakesTheToken() =>
        Assert.True(Challenge.Choose(ChallengeParser.Parse(["Basic realm=a, Bearer realm=\"https://b/\""]))!.IsBearer);

    [Theory]
    [InlineData("Bearer realm=\"nowhere\"")]
    [InlineData("Bearer realm=\"ftp://a/b\"")]
    [InlineData("Bearer service=a")]
    public void Choose_BearerWithoutAnAddress_IsPassedOver(string value) => Assert.Null(Challenge.Choose(ChallengeParser.Parse([value])));

    [Fact]
    public void Parse_Enormous_IsBounded()
    {
        var many = string.Join(',', Enumerable.Range(0, 100_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"S{number} a=b")));

        Assert.Equal(16, ChallengeParser.Parse([many, many]).Count);
    }

    private static string Show(IEnumerable<Challenge> challenges) => string.Join('|', challenges.Select(challenge =>
        string.Join(' ', challenge.Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}").Prepend(challenge.Scheme))));
}
