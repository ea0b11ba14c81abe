using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class CredentialMatcherTests
{
    [Theory]
    [InlineData("registry.example.com", "registry.example.com/a", true)]
    [InlineData("REGISTRY.example.com", "registry.example.com/a", true)]
    [InlineData("https://registry.example.com/v1/", "registry.example.com/a", true)]
    [InlineData("https://registry.example.com/v2/", "registry.example.com/a", true)]
    [InlineData("http://registry.example.com/v2", "registry.example.com/a", true)]
    [InlineData("registry.example.com/", "registry.example.com/a", true)]
    [InlineData("registry.example.com", "other.example.com/a", false)]
    [InlineData("registry.example.com", "registry.example.com:5000/a", false)]
    [InlineData("registry.example.com:5000", "registry.example.com:5000/a", true)]
    [InlineData("registry.example.com:443", "registry.example.com/a", false)]
    [InlineData("[::1]:5000", "[::1]:5000/a", true)]
    [InlineData("[::1]:5000", "[::1]:5001/a", false)]
    [InlineData("*.example.com", "registry.example.com/a", true)]
    [InlineData("*.example.com", "example.com/a", false)]
    [InlineData("*.example.com", "a.b.example.com/a", false)]
    [InlineData("*.*.example.com", "a.b.example.com/a", true)]
    [InlineData("reg*y.example.com", "registry.example.com/a", true)]
    [InlineData("reg?stry.example.com", "registry.example.com/a", true)]
    [InlineData("reg[0-9].example.com", "reg7.example.com/a", true)]
    [InlineData("reg[0-9].example.com", "rega.example.com/a", false)]
    [InlineData("reg[0-9].example.com", "reg77.example.com/a", false)]
    [InlineData("reg[ab-d]*.example.com", "regc-1.example.com/a", true)]
    [InlineData("reg[A-D].example.com", "regb.example.com/a", true)]
    [InlineData("reg[^a-c].example.com", "regd.example.com/a", true)]
    [InlineData("reg[^a-c].example.com", "regb.example.com/a", false)]
    [InlineData("*[^x]y.example.com", "registry.example.com/a", true)]
    [InlineData("reg[.example.com", "reg1.example.com/a", false)]
    [InlineData("reg[].example.com", "reg1.example.com/a", false)]
    [InlineData("reg[a-].example.com", "rega.example.com/a", false)]
    [InlineData("reg[-a].example.com", "rega.example.com/a", false)]
    [InlineData("reg[ab.example.com", "rega.example.com/a", false)]
    [InlineData("[::1]", "[::1]/a", true)]
    [InlineData("[::a]:5000", "[::A]:5000/a", true)]
    [InlineData("*.example.com:5000", "registry.example.com:5000/a", true)]
    [InlineData("*", "registry.example.com/a", false)]
    [InlineData("example.com/team", "example.com/team/app", true)]
    [InlineData("example.com/team", "example.com/team", true)]
    [InlineData("example.com/team/", "example.com/team/app", true)]
    [InlineData("example.com/team", "example.com/teams/app", true)]
    [InlineData("example.com/team/", "example.com/teams/app", false)]
    [InlineData("example.com/team/app", "example.com/team", false)]
    [InlineData("example.com/v2/team", "example.com/team/app", true)]
    [InlineData("example.com/Team", "example.com/team/app", false)]
    [InlineData("docker.io", "nginx", true)]
    [InlineData("index.docker.io", "nginx", true)]
    [InlineData("https://index.docker.io/v1/", "docker.io/team/app", true)]
    [InlineData("https://index.docker.io/v1/", "quay.io/team/app", false)]
    [InlineData("docker.io/library", "nginx", true)]
    public void For_KeyAndImage_Match(string key, string image, bool matches) =>
        Assert.Equal(matches, CredentialMatcher.For(Parse(image), [Config((key, "x"))]).Count == 1);

    [Fact]
    public void Match_WhatTheOperatorHasAsWell_IsTheOperators()
    {
        var matched = CredentialMatcher.Match(
            Parse("r.example.com/team/app"), [[Config(("r.example.com", "both"), ("r.example.com/team", "own")) with { Owner = "a" }], [Config(("r.example.com", "both"))]]);

        Assert.Equal(["a", null], matched.Candidates.Select(candidate => candidate.Owner));
    }

    [Fact]
    public void For_SeveralMatches_ComesMoreSpecificFirstThenInOrder()
    {
        var candidates = CredentialMatcher.For(Parse("r.example.com/team/app"),
        [
            Config(("*.example.com/team/app", "pattern"), ("r.example.com", "host")),
            Config(("[q-s].example.com/team", "address"), ("r[.]example.com/team", "malformed"), ("?.example.com/team/app", "letter")),
            Config(("other.example.com", "unrelated"), ("r.example.com/team", "path"), ("https://r.example.com", "second host")),
        ]);

        Assert.Equal(["path", "host", "second host", "pattern", "letter"], candidates.Select(candidate => candidate.Origin));
    }

    [Fact]
    public void For_SeveralSources_ComeOneAfterTheOtherHoweverSpecific()
    {
        var candidates = CredentialMatcher.For(
            Parse("r.example.com/team/app"), [Config(("*.example.com", "secret"))], [Config(("r.example.com/team", "plugin"))]);

        Assert.Equal(["secret", "plugin"], candidates.Select(candidate => candidate.Origin));
    }

    [Fact]
    public void For_SeveralOfOneOrigin_IncludeTheirKeys()
    {
        var config = new DockerConfig([Entry("r.example.com:5000", new("file", "u", "p")), Entry("https://*.example.com:5000/v2/team/", new("file", "u", "q"))], []);

        Assert.Equal(
            ["file, r.example.com:5000", "file, *.example.com:5000/team/", "other"],
            CredentialMatcher.For(Parse("r.example.com:5000/team/a"), [config, Config(("r.example.com:5000/x", "x"), ("*.*.com:5000", "other"))]).Select(candidate => candidate.Origin));
    }

    [Fact]
    public void For_SameAccountTwice_IsOneCandidate()
    {
        var config = new DockerConfig([Entry("r.example.com", new("one", "u", "p")), Entry("*.example.com", new("two", "u", "p"))], []);

        Assert.Equal("one", Assert.Single(CredentialMatcher.For(Parse("r.example.com/a"), [config])).Origin);
    }

    [Fact]
    public void Match_MoreThanTen_TakesTheMostSpecificAndCountsTheOthers()
    {
        var hosts = Enumerable.Range(0, 60).Select(number => Entry("r.example.com", new RegistryCredential("pull secret a/many", $"u{number}", "p")));
        var specific = Entry("r.example.com/team/app", new RegistryCredential("pull secret a/many", "right", "p"));

        var matched = CredentialMatcher.Match(Parse("r.example.com/team/app"), [[new DockerConfig([.. hosts, specific], []) { Owner = "a" }]]);

        Assert.Equal(["right", "u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8"], matched.Candidates.Select(candidate => candidate.Username));
        Assert.Equal(KeyValuePair.Create("pull secret a/many", 51), Assert.Single(matched.NotTried));
    }

    [Fact]
    public void Match_MoreThanTenOfOneNamespace_DoNotDisplaceThoseOfOthers()
    {
        DockerConfig Many(string owner) => Config([.. Enumerable.Range(0, 20).Select(number => ("r.example.com/team/app", $"{owner}{number}"))]) with { Owner = owner };
        var other = Config(("r.example.com", "b")) with { Owner = "b" };

        var matched = CredentialMatcher.Match(Parse("r.example.com/team/app"), [[Many("a"), Many("a"), other], [Config(("*.example.com", "plugin"))], [Config(("r.example.com", "file"))]]);

        Assert.Equal(10, matched.Candidates.Count);
        Assert.Equal(["b", "plugin", "file"], matched.Candidates.Select(candidate => candidate.Username).Where(name => !name.StartsWith('a')));
        Assert.Equal(7, matched.Candidates.Count(candidate => candidate.Username.StartsWith('a')));
    }

    [Fact]
    public void Match_ManyEntries_TakesLinearTime()
    {
        var config = new DockerConfig([.. Enumerable.Range(0, 15_000).Select(number => Entry("r.example.com/team", new RegistryCredential("one", $"u{number}", "p")))], []);
        var started = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 20; i++)
            Assert.Equal(10, CredentialMatcher.Match(Parse("r.example.com/team/app"), [[config]]).Candidates.Count);

        // 20 times 15,000 squared would take minutes.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("https://")]
    [InlineData("/path")]
    public void Parse_NoHost_IsNoKey(string text) => Assert.Null(CredentialKey.Parse(text));

    [Fact]
    public void For_PatternOfManyStars_EndsSoon()
    {
        var key = string.Concat(Enumerable.Repeat("*a", 400)) + ".example.com";

        Assert.Empty(CredentialMatcher.For(Parse(new string('a', 300) + ".example.com/a"), [Config((key, "x"))]));
    }

    private static ImageReference Parse(string image) => ImageReference.Parse(image).Value!;

    private static DockerConfig Config(params (string Key, string Origin)[] entries) =>
        new([.. entries.Select(entry => Entry(entry.Key, new RegistryCredential(entry.Origin, entry.Origin, "p")))], []);

    private static DockerConfigEntry Entry(string key, RegistryCredential credential) => new(CredentialKey.Parse(key)!, credential);
}
