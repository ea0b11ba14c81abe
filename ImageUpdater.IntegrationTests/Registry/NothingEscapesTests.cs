using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Input from registries, users and others never causes an exception, and never affects the valid input next to it.</summary>
public sealed partial class NothingEscapesTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(10_000);

    private static readonly Gen<string> AnyText =
        Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
            Line(Gen.Elements("a", "\\", "\"", "\ud800", "\0", "ä", "漢", ",", "="), 12));

    [Fact]
    public void ChallengeParser_AnyText_GivesBoundedChallenges()
    {
        // Mostly whole tokens of the grammar in random order: random characters seldom reach quoted values.
        var fragments = Gen.Elements(
            "Bearer ", "Basic ", "Negotiate", "realm=\"", "service=\"", "scope=", " ", ",", "\",", "==", "\"", "\\", "https://a/b?c=d", "\0", "é", "(");
        var header = Gen.OneOf(AnyText, Line(fragments, 20));

        Check(Some(header, 3), headers =>
        {
            var challenges = ChallengeParser.Parse(headers);
            _ = Challenge.Choose(challenges)?.Realm;
            return challenges.Count <= 16 && challenges.All(challenge => challenge.Scheme.Length > 0);
        });
    }

    [Fact]
    public void ChallengeParser_AnyQuotedValue_ComesBackAsItWas() =>
        Check(AnyText, text =>
        {
            var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            var challenges = ChallengeParser.Parse([$"Bearer realm=\"{quoted}\",service=\"after\""]);
            return challenges is [{ Service: "after" } challenge] && challenge.Parameters["realm"] == text;
        });

    [Fact]
    public void DockerConfig_AnyBytes_GivesEntriesOrWarnings() =>
        Check(Mutated("""{"auths":{"r.example.com":{"auth":"dXNlcjpwYXNz","identitytoken":"\u0041"},"*.io/x":{"username":"a","password":"b"}}}"""), body =>
        {
            var config = DockerConfig.Parse(body, "x");
            var legacy = DockerConfig.ParseLegacy(body, "x");
            return config.Entries.Concat(legacy.Entries).All(entry => entry.Key.Labels.Count > 0)
                && config.Warnings.Concat(legacy.Warnings).All(warning => warning.Length < 1000);
        });

    [Fact]
    public void DockerConfig_AnyEntry_SpoilsNoOther()
    {
        var values = Json(depth: 2).SelectMany(auth => Json(depth: 1).Select(other => $$"""{"auth":{{auth}},"password":{{other}}}"""));
        var entries = AnyText.SelectMany(name => Gen.OneOf(values, Json(depth: 2)).Select(value => $"{Quote(name + "!")}:{value}"));

        Check(entries, entry =>
        {
            var config = DockerConfig.Parse(Encoding.UTF8.GetBytes($$"""{"auths":{{{entry}},"good.example.com":{"auth":"Zzpn"} } }"""), "x");
            return config.Entries.Any(found => found.Credential is { Username: "g", Password: "g" });
        });
    }

    [Fact]
    public void CredentialKey_AnyText_MatchesOrDoesNot()
    {
        var image = ImageReference.Parse("registry.example.com:5000/team/app").Value!;
        var fragments = Gen.Elements("registry", "example", "com", ".", "*", "?", ":", "5000", "/", "team", "https://", "v2", "[", "]", " ");

        Check(Gen.OneOf(AnyText, Line(fragments, 20)), text =>
        {
            var key = CredentialKey.Parse(text);
            return key?.Matches(image) != true || key is { Port: "5000", Labels.Count: 3 };
        });
    }

    [Fact]
    public void ManifestScan_AnyBytes_IsAManifestOrAMessage()
    {
        const string Index = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"digest":
            "sha256:1111111111111111111111111111111111111111111111111111111111111111","platform":{"os":"linux","architecture":"amd64","variant":null},
            "annotations":{"vnd.docker.reference.type":"x"}}]}
            """;

        Check(Gen.OneOf(Mutated(Index), Mutated(ScriptedRegistry.Manifest)), body => IsJudged(body));
    }

    [Fact]
    public void ManifestScan_AnyJsonInAnyField_IsAManifestOrAMessage()
    {
        var field = Gen.Elements("schemaVersion", "mediaType", "config", "manifests", "digest", "platform", "os", "architecture", "variant", "annotations");
        var fields = field.SelectMany(name => Json(depth: 2).Select(value => $"{Quote(name)}:{value}"));
        var nested = Some(fields, 3).Select(some => $"{{{string.Join(',', some)}}}");
        var document = nested.SelectMany(inner => field.SelectMany(name => nested.Select(outer =>
            $$"""{"schemaVersion":2,"config":{{outer}},"manifests":[{{inner}}],{{Quote(name)}}:{{inner}}}""")));

        Check(document, text => IsJudged(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void ManifestScan_DeepNesting_IsAMessage()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"manifests\":[", 100_000));

        Assert.NotNull(Bodies.Manifest(Encoding.UTF8.GetBytes(deep), step: 1000, contentType: null).Failure);
    }

    [Fact]
    public void RetryAfter_AnyText_IsWithinBounds()
    {
        var now = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
        var fragments = Gen.Elements("-", "1", "9999999999", " ", "Mon, 23 Nov 2026 ", "10:10:00", "GMT", ",", "0");

        Check(Gen.OneOf(AnyText, Line(fragments, 20)), text =>
        {
            var wait = RetryAfter.Until(text, now) - now;
            return wait > TimeSpan.Zero && wait <= RetryAfter.Longest && RateLimitHeaders.Parse(text, text, now) is not { Limit: < 0 };
        });
    }

    // However it arrives, it is read the same.
    private static bool IsJudged(byte[] body)
    {
        var whole = Bodies.Manifest(body, body.Length + 1, "text/plain");
        var parts = Bodies.Manifest(body, step: 3, "text/plain");
        return whole.Failure == parts.Failure && whole.Value?.ToString() == parts.Value?.ToString()
            && (whole.IsSuccess(out var manifest, out var problem)
                ? ManifestScan.IsKnown(manifest.MediaType) && (manifest.Children is null) != (manifest.Config is null)
                : problem.Length is > 0 and < 300);
    }

    // Fewer elements than FsCheck's default, with which nested lists would be nearly empty and seldom contain interesting sequences.
    private static Gen<T[]> Some<T>(Gen<T> item, int most) => Gen.Choose(0, most).SelectMany(count => item.ArrayOf(count));

    private static Gen<string> Line(Gen<string> fragment, int most) => Some(fragment, most).Select(string.Concat);

    /// <summary>A valid text with bytes replaced or cut off, or random bytes.</summary>
    private static Gen<byte[]> Mutated(string valid)
    {
        var bytes = Encoding.UTF8.GetBytes(valid);
        var change = Gen.Choose(0, bytes.Length - 1).SelectMany(at => Gen.Choose(0, 255).Select(value => (at, value: (byte)value)));
        var changed = change.ArrayOf(3).Select(changes =>
        {
            var copy = bytes.ToArray();
            foreach (var (at, value) in changes)
                copy[at] = value;
            return copy;
        });
        return Gen.OneOf(
            changed,
            Gen.Choose(0, bytes.Length).Select(length => bytes[..length]),
            ArbMap.Default.GeneratorFor<byte[]>().Select(any => any ?? []));
    }

    private static Gen<string> Json(int depth)
    {
        var leaf = Gen.OneOf(
            Gen.Elements("null", "true", "0", "2", "1e999", "-1", "\"\"", "\"\\ud800\"", "\"unknown\"", "\"application/vnd.oci.image.index.v1+json\"",
                $"\"sha256:{new string('1', 64)}\""),
            AnyText.Select(Quote));
        return depth == 0
            ? leaf
            : Gen.OneOf(leaf, Json(depth - 1).ArrayOf(2).Select(items => $"[{string.Join(',', items)}]"), Json(depth - 1).Select(item => $"{{\"digest\":{item}}}"));
    }

    // Not by the serializer, which would replace lone surrogates.
    private static string Quote(string text) =>
        "\"" + string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) ? $"{letter}" : $"\\u{(int)letter:x4}")) + "\"";

    private static void Check<T>(Gen<T> generator, Func<T, bool> holds) => FsCheck.Check.One(Thorough, Prop.ForAll(generator.ToArbitrary(), holds));
}
