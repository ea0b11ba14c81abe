using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

public sealed class ApprovedDigestsTests
{
    [Theory]
    [InlineData(null, "web:{D2}")]
    [InlineData("", "web:{D2}")]
    [InlineData("web:{D1}", "web:{D2}")]
    [InlineData("web:{D2}", "web:{D2}")]
    [InlineData("db:{D1}, web:{D1}", "db:{D1},web:{D2}")]
    [InlineData("webhook:{D1}", "webhook:{D1},web:{D2}")]
    [InlineData("{D3},web:rubbish", "{D3},web:{D2}")]
    public void With_Annotation_ReplacesThatOfTheContainer(string? annotation, string expected) =>
        Assert.Equal(Given.Fill(expected), ApprovedDigests.With(annotation is null ? null : Given.Fill(annotation), "web", Given.Digest("D2")));

    /// <summary>A container may be called like the algorithm of a digest, which stands before a colon too.</summary>
    [Fact]
    public void With_ContainerNamedLikeAnAlgorithm_KeepsDigestsForAll() =>
        Assert.Equal(Given.Fill("{D1},sha256:{D2}"), ApprovedDigests.With(Given.Fill("{D1},sha256:{D3}"), "sha256", Given.Digest("D2")));
}
