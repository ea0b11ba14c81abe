using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Planning;

public sealed class PlanIdsTests
{
    [Theory]
    [InlineData("p-1", "p-12", "p-12")]
    [InlineData("p-12", "p-12 p-123", "p-12")]
    [InlineData("p-1", "p-12 p-13", null)]
    [InlineData("p-9", "", null)]
    [InlineData("", "p-12", null)]
    public void Choose_Candidates_IsTheExactOrOnlyOne(string text, string candidates, string? expected)
    {
        var (id, problem) = PlanIds.Choose(text, candidates.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(expected, id);
        Assert.Equal(expected is null, problem is not null);
    }
}
