using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class CandidateGroupTests
{
    private static readonly RegistryCredential Machine = new("config.json", "machine", "m");

    [Fact]
    public void Of_SameCredentials_AreOneGroupWithoutTheNamesOfItsSecrets()
    {
        var groups = CandidateGroup.Of(
            [(new Reader("d"), Own("d", "regcred", "y")), (new Reader("b"), Own("b", "regcred", "x")), (new Reader("a"), Own("a", "regcred", "x")), (new Reader("c"), [Machine])]);

        Assert.Equal(["c", "a b", "d"], groups.Select(group => string.Join(' ', group.Readers.Select(reader => reader.Namespace))));
        Assert.Equal([true, false, false], groups.Select(group => group.IsShared));
        Assert.Equal(["pull secret regcred of its namespace", "config.json"], groups[1].Candidates.Select(candidate => candidate.Origin));
        Assert.Equal("pull secret d/regcred", groups[2].Candidates[0].Origin);
    }

    [Fact]
    public void Of_SameCredentialsInSecretsOfOtherNames_NamesNone() => Assert.Equal(
        "a pull secret of its namespace",
        Assert.Single(CandidateGroup.Of([(new Reader("a"), Own("a", "one", "x")), (new Reader("b"), Own("b", "two", "x"))])).Candidates[0].Origin);

    private static RegistryCredential[] Own(string @namespace, string secret, string password) =>
        [new($"pull secret {@namespace}/{secret}", "user", password) { Owner = @namespace }, Machine];
}
