using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;

namespace ImageUpdater.UnitTests.Images;

public sealed class ImageReferenceTests
{
    private const string Hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly Regex Published = new(
        @"\A(?<path>[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*)*)"
        + @"(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[A-Za-z0-9_+.:-]+))?\z",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private static readonly Regex PublishedHost = new(
        @"\A(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?\z"
        + @"|\A\[[a-fA-F0-9:]+\](?::[0-9]+)?\z",
        RegexOptions.NonBacktracking);

    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(10_000);

    public static TheoryData<string, string, string, string, string, string> SharedTable() => Table("image-references.tsv");

    public static TheoryData<string, string, string, string, string, string> OwnTable() => Table("image-references-more.tsv");

    public static TheoryData<string, string> LongOnes() => new()
    {
        { "registry.example.com/" + new string('a', 255), "ok" },
        { "registry.example.com/" + new string('a', 256), "error" },
        { "registry.example.com/" + string.Concat(Enumerable.Repeat("a/", 127)) + "a:tag", "ok" },
        { "registry.example.com/" + string.Concat(Enumerable.Repeat("a/", 128)) + "a:tag", "error" },
        // library/ is part of the name, as in distribution/reference.
        { new string('a', 255 - "library/".Length), "ok" },
        { new string('a', 256 - "library/".Length), "error" },
        { "app:" + new string('t', 128), "ok" },
        { "app:" + new string('t', 129), "error" },
        { "app@sha512:" + new string('a', 128), "ok" },
        { "app@sha512:" + new string('a', 64), "error" },
        { "app@sha384:" + new string('a', 96), "ok" },
        { new string('a', 5000), "error" },
        { new string('a', 63) + "b:tag", "ok" },
    };

    public static TheoryData<string> UnusualCharacters() => new(
        "nginx\n", "nginx:1\n", "nginx\r", "\tnginx", "nginx ", "ngi nx", "nginx:1 ", "nginx\0", "\ufeffnginx",
        "nginx:\u0661", "nginx:\u00e4", "caf\u00e9/app", "\u212aegistry.io/app", "registry.\u0661:5000/app", "host:\u0665\u0660/app",
        "app@sha256:" + new string('\u0661', 64), "\ud83d\ude00/app", "app:\u200b1", "xn--\u2603.com/app");

    [Theory]
    [MemberData(nameof(SharedTable))]
    [MemberData(nameof(OwnTable))]
    public void Parse_TableRow_GivesItsParts(string image, string result, string registry, string repository, string tag, string digest)
    {
        var parsed = ImageReference.Parse(image);

        if (result == "ok")
        {
            Assert.Null(parsed.Failure);
            Assert.Equal((registry, repository, tag, digest), Parts(parsed.Value!));
            Assert.Equal(digest.Length > 0, parsed.Value!.IsPinned);
            Assert.Equal(parsed.Value, ImageReference.Parse(parsed.Value.ToString()).Value);
        }
        else
        {
            Assert.Null(parsed.Value);
            Assert.False(string.IsNullOrWhiteSpace(parsed.Failure));
        }
    }

    [Theory]
    [MemberData(nameof(LongOnes))]
    public void Parse_LongText_KeepsTheLimits(string image, string result)
    {
        var parsed = ImageReference.Parse(image);

        Assert.Equal(result, parsed.Value is null ? "error" : "ok");
        Assert.True((parsed.Failure ?? "").Length < 400);
    }

    [Theory]
    [MemberData(nameof(UnusualCharacters))]
    public void Parse_UnusualCharacters_IsAnErrorWithoutThem(string image)
    {
        var parsed = ImageReference.Parse(image);

        Assert.Null(parsed.Value);
        Assert.DoesNotContain(parsed.Failure!, char.IsControl);
    }

    [Fact]
    public void Parse_Null_IsAnError() => Assert.NotNull(ImageReference.Parse(null).Failure);

    [Fact]
    public void Equals_DifferentSpellings_AreOneImage() => Assert.Equal(
        [ImageReference.Parse("docker.io/library/nginx:latest").Value!],
        new HashSet<ImageReference>(
            new[] { "nginx", "nginx:latest", "library/nginx", "docker.io/nginx", "index.docker.io/library/nginx" }
                .Select(text => ImageReference.Parse(text).Value!)));

    [Fact]
    public void AtDigest_OfATag_KeepsTheRepositoryOnly()
    {
        var digest = Digest.Parse("sha256:" + Hex64);

        var pinned = ImageReference.Parse("ghcr.io/team/app:prod").Value!.AtDigest(digest);

        Assert.Equal($"ghcr.io/team/app@sha256:{Hex64}", pinned.ToString());
        Assert.True(pinned.IsPinned);
    }

    [Fact]
    public void Parse_GeneratedReference_SurvivesTheRoundTrip() => Check.One(Thorough, Prop.ForAll(References().ToArbitrary(), text =>
    {
        var once = ImageReference.Parse(text).Value;
        var twice = ImageReference.Parse(once?.ToString()).Value;
        return (once is not null && once == twice && once.ToString() == twice!.ToString() && once.CompareTo(twice) == 0).Label(text);
    }));

    [Fact]
    public void Parse_AnyText_IsAReferenceOrAMessage() => Check.One(Thorough, Prop.ForAll(NearReferences().ToArbitrary(), text =>
    {
        var parsed = ImageReference.Parse(text);
        return parsed.Value is null
            ? !string.IsNullOrEmpty(parsed.Failure)
            : parsed.Value.Repository.Length is > 0 and <= 255 && ImageReference.Parse(parsed.Value.ToString()).Value == parsed.Value;
    }));

    /// <summary>The grammar of distribution/reference, with a backtracking engine, for which the order of alternatives does not matter.</summary>
    [Fact]
    public void Parse_AnyText_AgreesWithThePublishedGrammar() => Check.One(Thorough, Prop.ForAll(
        Gen.OneOf(References(), NearReferences(), Spoiled(References())).ToArbitrary(), text =>
        {
            var parsed = ImageReference.Parse("registry.example.com/" + text).Value;
            var published = Published.Match(text);
            var isOne = published.Success && published.Groups["path"].Length <= 255 &&
                (!published.Groups["digest"].Success || Digest.TryParse(published.Groups["digest"].Value, out _));
            return (isOne
                ? parsed?.Repository == published.Groups["path"].Value && (parsed.Tag ?? "") == TagOf(published) && (parsed.Digest?.Value ?? "") == published.Groups["digest"].Value
                : parsed is null).Label(text);
        }));

    [Fact]
    public void Parse_AnyHost_AgreesWithThePublishedGrammar() => Check.One(Thorough, Prop.ForAll(NearHosts().ToArbitrary(), host =>
        (ImageReference.Parse(host + "/app").Value is not null == PublishedHost.IsMatch(host)).Label(host)));

    private static string TagOf(Match published) =>
        published.Groups["tag"].Success ? published.Groups["tag"].Value : published.Groups["digest"].Success ? "" : "latest";

    private static TheoryData<string, string, string, string, string, string> Table(string file)
    {
        var data = new TheoryData<string, string, string, string, string, string>();
        foreach (var row in Tsv.Rows(file))
            data.Add(row[0], row[1], row[2], row[3], row[4], row[5]);
        return data;
    }

    private static (string Registry, string Repository, string Tag, string Digest) Parts(ImageReference reference) =>
        (reference.Registry, reference.Repository, reference.Tag ?? "", reference.Digest?.Value ?? "");

    private static Gen<string> References()
    {
        var atom = Gen.Elements("a", "b2", "app", "0", "web1");
        var component = from first in atom
                        from separator in Gen.Elements(".", "_", "__", "-", "---")
                        from second in atom
                        from isOne in ArbMap.Default.GeneratorFor<bool>()
                        select isOne ? first : first + separator + second;
        return from host in Gen.Elements(
                   "", "docker.io/", "index.docker.io/", "localhost/", "localhost:5000/", "ghcr.io/", "GHCR.io:443/", "UPPER/", "10.0.0.1:5000/", "[2001:db8::1]/", "[::1]:80/")
               from path in component.NonEmptyListOf()
               from tag in Gen.Elements("", ":1", ":v1.2-rc_3", ":_", ":A.b")
               from digest in Gen.Elements("", "@sha256:" + Hex64, "@sha512:" + Hex64 + Hex64)
               select host + string.Join('/', path.Take(8)) + tag + digest;
    }

    // Valid references with one character added or replaced.
    private static Gen<string> Spoiled(Gen<string> texts) =>
        from text in texts
        from at in Gen.Choose(0, text.Length)
        from replaced in Gen.Choose(0, 1)
        from character in Gen.Elements('.', '_', '-', '/', ':', '@', 'A', 'z', '9', '[', ']', ' ')
        select text[..at] + character + text[Math.Min(at + replaced, text.Length)..];

    // All with a dot or a colon: otherwise they would be parsed as part of the path.
    private static Gen<string> NearHosts() =>
        from pieces in Gen.Elements("a", "B", "0", "-", "--", "x-y", ".", "example", ":", ":50", "[", "]", "[::1]", "_").ListOf()
        from end in Gen.Elements(".io", ".io:443", ":5000", ".", ":", ".a-", ".-a", "]:80")
        select string.Concat(pieces) + end;

    // Pieces of references in random order reach edge cases of the grammar more often than random characters.
    private static Gen<string> NearReferences() => Gen.Frequency(
        (3, Gen.Elements("a", "app", ":", "/", "@", ".", "-", "_", "sha256:", Hex64, "[::1]", "docker.io", "UPPER", " ", "\n", "\u0661", "99999999999")
            .ListOf().Select(string.Concat)),
        (1, ArbMap.Default.GeneratorFor<string?>().Select(text => text ?? "")));
}
