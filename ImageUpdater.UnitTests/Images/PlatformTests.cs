using System.Text;
using ImageUpdater.Core.Images;

namespace ImageUpdater.UnitTests.Images;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64", true)]
    [InlineData("linux/arm", "linux/arm/v7", true)]
    [InlineData("linux/arm64", "linux/arm64/v8", true)]
    [InlineData("linux/amd64", "linux/amd64/v3", true)]
    [InlineData("Linux/AMD64", "linux/amd64", true)]
    [InlineData("linux/amd64", "linux/x86_64", true)]
    [InlineData("linux/arm64", "linux/aarch64", true)]
    [InlineData("linux/arm", "linux/armhf", true)]
    [InlineData("linux/amd64", "linux/arm64", false)]
    [InlineData("linux/amd64", "windows/amd64", false)]
    [InlineData("linux/amd64", "unknown/unknown", false)]
    [InlineData("linux/amd64", "linux/386", false)]
    [InlineData("linux/arm64", "linux/arm/v7", false)]
    public void MayRun_TableRow_ComparesOsAndArchitecture(string node, string manifest, bool expected) =>
        Assert.Equal(expected, Parse(node).MayRun(Parse(manifest)));

    [Theory]
    [InlineData("linux/arm64", "linux/arm/v7", true)]
    [InlineData("linux/amd64", "linux/386", true)]
    [InlineData("windows/amd64", "linux/386", false)]
    [InlineData("linux/arm", "linux/arm64", false)]
    [InlineData("linux/amd64", "linux/amd64", false)]
    [InlineData("linux/s390x", "linux/386", false)]
    public void FallsBackTo_TableRow_FollowsContainerd(string node, string manifest, bool expected) =>
        Assert.Equal(expected, Parse(node).FallsBackTo(Parse(manifest)));

    // The platforms of the index's entries, and the entries that match the node.
    [Theory]
    [InlineData("linux/amd64", "linux/amd64 linux/arm64", "linux/amd64")]
    [InlineData("linux/arm", "linux/arm/v6 linux/arm/v7 linux/arm64", "linux/arm/v6 linux/arm/v7")]
    [InlineData("linux/arm64", "linux/arm/v7 linux/arm64", "linux/arm64")]
    [InlineData("linux/arm64", "linux/arm/v7 linux/amd64", "linux/arm/v7")]
    [InlineData("linux/amd64", "linux/386", "linux/386")]
    [InlineData("linux/amd64", "linux/arm64", "")]
    [InlineData("linux/amd64", "any linux/arm64", "any")]
    [InlineData("linux/amd64", "any linux/amd64", "any linux/amd64")]
    [InlineData("linux/amd64", "", "")]
    public void For_Index_GivesTheManifestsOfTheNode(string node, string entries, string expected)
    {
        var children = Split(entries).Select(entry => new IndexEntry(Name(entry), entry == "any" ? null : Parse(entry))).ToList();
        var index = new Manifest(Name("index"), "application/vnd.oci.image.index.v1+json", Config: null, children);

        Assert.Equal(Split(expected).Select(Name).Order(), index.For(Parse(node)));

        children.Reverse();
        Assert.Equal(Split(expected).Select(Name).Order(), index.For(Parse(node)));
    }

    [Fact]
    public void For_SingleManifest_IsItselfForEveryPlatform() => Assert.Equal(
        [Name("single")],
        new Manifest(Name("single"), "application/vnd.oci.image.manifest.v1+json", Name("config"), Children: null).For(Parse("plan9/mips")));

    [Theory]
    [InlineData("application/vnd.oci.image.index.v1+json", true)]
    [InlineData("application/vnd.docker.distribution.manifest.list.v2+json", true)]
    [InlineData("application/vnd.oci.image.manifest.v1+json", false)]
    [InlineData("application/vnd.docker.distribution.manifest.v2+json", false)]
    [InlineData(null, false)]
    public void IsIndex_MediaType_DistinguishesListsFromManifests(string? mediaType, bool expected) =>
        Assert.Equal(expected, Manifest.IsIndex(mediaType));

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Digest Name(string name) => Digest.OfContent(Encoding.UTF8.GetBytes(name));

    private static Platform Parse(string text)
    {
        var parts = text.Split('/');
        return new Platform(parts[0], parts[1], parts.ElementAtOrDefault(2));
    }
}
