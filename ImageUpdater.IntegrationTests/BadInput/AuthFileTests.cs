using System.Text;
using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>The file of Web:AuthFile: what is accepted, and what is said about a file with mistakes.</summary>
public sealed class AuthFileTests
{
    private const string Password = "pässwort:with-a-colon";
    private const string Token = "3f9c0e6b1d2a4857a0c1e2f3b4d5a697";
    private const string Both = $"\uFEFF# readers\r\n\r\nalice:{Password}\r\nalice:her-next-password\r\n{Token}\r\n";

    [Theory]
    [InlineData("alice", Password, true)]
    [InlineData("alice", "her-next-password", true)]
    [InlineData("alice", "pässwort:with-a-colon ", false)]
    [InlineData("Alice", Password, false)]
    [InlineData("alice:pässwort", "with-a-colon", true)]
    [InlineData("", "", false)]
    public void Accepts_Basic_OnlyTheUsersOfTheFile(string user, string password, bool expected) =>
        Assert.Equal(expected, Parse(Both).Accepts("basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));

    [Theory]
    [InlineData($"Bearer {Token}", true)]
    [InlineData($"bearer  {Token}", true)]
    [InlineData($"Bearer {Token}0", false)]
    [InlineData($"Basic {Token}", false)]
    [InlineData($"Digest {Token}", false)]
    [InlineData($"Bearer alice:{Password}", false)]
    [InlineData("Bearer", false)]
    [InlineData("Basic %%%", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Accepts_OtherHeaders_OnlyTheTokensOfTheFile(string? header, bool expected) => Assert.Equal(expected, Parse(Both).Accepts(header));

    [Fact]
    public void Challenges_AreThoseThatTheFileHas()
    {
        Assert.Equal(["Basic realm=\"ImageUpdater\", charset=\"UTF-8\"", "Bearer realm=\"ImageUpdater\""], Parse(Both).Challenges);
        Assert.Equal(["Bearer realm=\"ImageUpdater\""], Parse(Token).Challenges);
    }

    [Theory]
    [InlineData("", "no users and no tokens; write one user:password or one token in each line")]
    [InlineData("# nobody\n\n", "no users and no tokens; write one user:password or one token in each line")]
    [InlineData("\nalice:short", "line 2 has a password of less than 16 characters; use a longer one, for example of openssl rand -hex 16")]
    [InlineData("alice:", "line 1 has a password of less than 16 characters; use a longer one, for example of openssl rand -hex 16")]
    [InlineData("s3cret", "line 1 has a token of less than 16 characters; use a longer one, for example of openssl rand -hex 32")]
    [InlineData("Bearer 3f9c0e6b1d2a4857a0c1e2f3b4d5a697", "line 1 is neither user:password nor a token; a token has letters, digits and -._~+/= only")]
    [InlineData(":s3cret-s3cret-s3cret", "line 1 has no user, or spaces around the colon; write user:password")]
    [InlineData("alice: s3cret-s3cret-s3cret", "line 1 has no user, or spaces around the colon; write user:password")]
    [InlineData("alice:$2y$05$s3crets3crets3crets3cret", "line 1 has the hash of a password, as htpasswd writes it; write the password itself")]
    [InlineData("alice:$apr1$s3crets3$s3crets3cret", "line 1 has the hash of a password, as htpasswd writes it; write the password itself")]
    [InlineData("alice:{SHA}s3crets3crets3crets3cret=", "line 1 has the hash of a password, as htpasswd writes it; write the password itself")]
    [InlineData("alice:p\uFFFDsswort-s3cret-s3cret", "line 1 is not UTF-8; save the file as UTF-8")]
    public void Parse_Mistake_NamesTheLineAndQuotesNothing(string text, string expected) => Assert.Equal(expected, AuthFile.Parse(text).Failure);

    [Fact]
    public void Read_FileWithMistakesOrWithoutAccess_IsAProblemOfTheConfiguration()
    {
        using var folder = new TestFolder();
        var empty = folder.Write("empty", "");

        Assert.Equal($"ImageUpdater__Web__AuthFile: '{folder.Path}/none' does not exist", Problem($"{folder.Path}/none"));
        Assert.Equal($"ImageUpdater__Web__AuthFile: '{folder.Path}' is a folder, not a file", Problem(folder.Path));
        Assert.Equal($"ImageUpdater__Web__AuthFile: '{empty}': no users and no tokens; write one user:password or one token in each line", Problem(empty));
        Assert.Null(Problem(folder.Write("good", Both)));
    }

    private static AuthFile Parse(string text) => AuthFile.Parse(text.TrimStart('\uFEFF')).Value!;

    private static string? Problem(string path) => ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Web__AuthFile"] = path }).Failure;
}
