using System.Text;
using ImageUpdater.Core.Images;

namespace ImageUpdater.UnitTests.Images;

public sealed class ManifestMatchTests
{
    private static readonly Manifest Amd64 = Single("amd64", "config-amd64");

    private static readonly Manifest Index = new(
        Name("index"), "application/vnd.oci.image.index.v1+json", Config: null,
        [new(Name("amd64"), new("linux", "amd64")), new(Name("arm64"), new("linux", "arm64"))]);

    [Theory]
    [InlineData("index", "index", true)]
    [InlineData("amd64", "index", true)]
    [InlineData("arm64", "index", true)]
    [InlineData("config-amd64", "index", true)]
    [InlineData("config-arm64", "index", false)]
    [InlineData("older index", "index", false)]
    [InlineData("amd64", "amd64", true)]
    [InlineData("config-amd64", "amd64", true)]
    [InlineData("index", "amd64", false)]
    [InlineData("unread", "unread", true)]
    [InlineData("amd64", "unread", false)]
    public void Stands_TableRow_AcceptsIndexChildAndConfig(string reported, string expected, bool stands) =>
        Assert.Equal(stands, ManifestMatch.Stands(Name(reported), Name(expected), Known(Name(expected)), Known));

    // The config of the arm64 manifest is unknown; only manifests that were read can be matched.
    private static Manifest? Known(Digest digest) => new[] { Index, Amd64 }.FirstOrDefault(manifest => manifest.Digest == digest);

    private static Manifest Single(string name, string config) =>
        new(Name(name), "application/vnd.oci.image.manifest.v1+json", Name(config), Children: null);

    private static Digest Name(string name) => Digest.OfContent(Encoding.UTF8.GetBytes(name));
}
