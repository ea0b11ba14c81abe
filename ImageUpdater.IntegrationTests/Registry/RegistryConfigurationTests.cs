using System.Globalization;
using System.Net;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Configuration;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class RegistryConfigurationTests
{
    [Fact]
    public void Read_Section_IsBoundWithDefaults()
    {
        var result = Read(("0:Host", "127.0.0.1:5000"), ("0:PlainHttp", "true"), ("1:Host", "index.docker.io"), ("1:Timeout", "00:00:30"), ("1:MaxConcurrency", "2"));

        Assert.Equal(
            [
                new RegistryOptions { Host = "127.0.0.1:5000", PlainHttp = true, MaxConcurrency = 4, Timeout = TimeSpan.FromSeconds(15) },
                new RegistryOptions { Host = "index.docker.io", MaxConcurrency = 2, Timeout = TimeSpan.FromSeconds(30) },
            ],
            result.Value!);
        Assert.Equal("docker.io", result.Value![1].Registry);
    }

    [Fact]
    public void Read_Nothing_IsFine() => Assert.Empty(Read().Value!);

    [Fact]
    public void Read_ManyProblems_AreAllReportedAtOnce()
    {
        var noCertificate = Path.GetTempFileName();
        try
        {
            var result = Read(
                ("0:Host", "https://registry.example.com/path"), ("0:MaxConcurrency", "0"), ("0:Timeout", "00:00:00"),
                ("1:Host", "registry.example.com"), ("1:CaFile", "/nonexistent/ca.pem"),
                ("2:Host", "Registry.example.com"), ("2:CaFile", noCertificate),
                ("3:Host", "registry.example.com:99999"), ("3:PlainHttp", "true"), ("3:CaFile", Path.GetTempPath()),
                ("4:PlainHttp", "true"),
                ("5:Host", "mirrored.example.com"), ("5:Alias", "https://10.0.0.5:5000"), ("5:Interval", "8.00:00:00"), ("5:Username", "only"),
                ("5:Mirrors:0:Url", "https://user:s3cret@mirror.example.com"), ("5:Mirrors:0:Proxy", "user:s3cret@proxy"),
                ("5:Mirrors:1:Timeout", "00:20:00"), ("5:Mirrors:1:ClientKeyFile", "/nonexistent/key.pem"),
                ("5:Mirrors:2:Url", "http://mirror.example.com"), ("5:Mirrors:2:ClientCertificateFile", "/nonexistent/c.pem"),
                ("5:Mirrors:2:ClientKeyFile", "/nonexistent/key.pem"), ("5:TokenHosts:0", "https://auth.example.com/"),
                ("6:Host", "*"), ("6:PlainHttp", "true"), ("6:Mirrors", "https://mirror.example.com"),
                ("7:Host", "user:s3cret@registry.example.com"), ("8:Host", "https://user:s3cret@registry.example.com"));

            Assert.Equal(
                [
                    "ImageUpdater__Registries__0__MaxConcurrency: invalid value '0'; use a whole number from 1 to 64",
                    "ImageUpdater__Registries__6__Mirrors is a list; number its entries, as in ImageUpdater__Registries__6__Mirrors__0",
                    "0: invalid Host 'https://registry.example.com/path'; use the host of image references, without scheme and path",
                    "0: Timeout is 00:00:00; it must be above 0 and at most 00:10:00",
                    "1: CaFile '/nonexistent/ca.pem' does not exist",
                    $"2: CaFile '{noCertificate}' contains no valid PEM or DER certificate",
                    "2: host 'Registry.example.com' is listed twice",
                    "3: invalid Host 'registry.example.com:99999'; use the host of image references, without scheme and path",
                    "3: PlainHttp and CaFile cannot be combined; CaFile requires HTTPS",
                    "3: CaFile",
                    "4: Host is missing; use the host of image references, for example registry.example.com:5000",
                    "5: invalid Alias; use host, port and path without a scheme, for example 10.0.0.5:5000",
                    "5: Interval is 8.00:00:00; it must be from 00:00:01 to 7.00:00:00",
                    "5: Username and Password must be set together",
                    "5: invalid host 'https://auth.example.com/' in TokenHosts; use a host name without scheme and port",
                    "5:Mirrors:0: invalid Url; use http:// or https:// with host, port and path, without user name and password",
                    "5:Mirrors:0: invalid Proxy; use http://proxy.example.com:3128, https:// or socks5://, or none",
                    "5:Mirrors:1: Url is missing; set it, for example to https://mirror.example.com",
                    "5:Mirrors:1: ClientCertificateFile and ClientKeyFile must be set together",
                    "5:Mirrors:1: Timeout is 00:20:00; it must be above 0 and at most 00:10:00",
                    "5:Mirrors:2: an http:// Url and ClientCertificateFile cannot be combined; ClientCertificateFile requires HTTPS",
                    "5:Mirrors:2: ClientCertificateFile '/nonexistent/c.pem' does not exist",
                    "6: Host '*' stands for all registries; set Alias, PlainHttp, credentials and client certificates on the entry of one registry",
                    "7: Host contains a user name or password; use host and port only, and set Username and Password",
                    "8: Host contains a user name or password; use host and port only, and set Username and Password",
                ],
                result.Failure!.Select(problem => problem.Replace("ImageUpdater:Registries:", "", StringComparison.Ordinal))
                    .Select(problem => problem.StartsWith("3: CaFile", StringComparison.Ordinal) ? "3: CaFile" : problem));
        }
        finally
        {
            File.Delete(noCertificate);
        }
    }

    [Theory]
    [InlineData("0:PlainHttp", "maybe", "ImageUpdater__Registries__0__PlainHttp: invalid value 'maybe'; use true or false")]
    [InlineData("0:MaxConcurrency", "many", "ImageUpdater__Registries__0__MaxConcurrency: invalid value 'many'; use a whole number from 1 to 64")]
    [InlineData("0:Mirrors:0:Timeout", "x", "ImageUpdater__Registries__0__Mirrors__0__Timeout: invalid duration 'x'; use hours:minutes:seconds, for example 00:00:30, or a number with a unit, for example 30s")]
    [InlineData("0:Timeout", "30", "ImageUpdater__Registries__0__Timeout: invalid duration '30'; use hours:minutes:seconds, for example 00:00:30, or a number with a unit, for example 30s")]
    public void Read_ValueOfAnotherType_SaysWhatToGive(string key, string value, string problem) => Assert.Equal(
        problem, Assert.Single(Read(("0:Host", "docker.io"), ("0:Mirrors:0:Url", "https://m.example.com"), (key, value)).Failure!));

    [Theory]
    [InlineData("0:Insecure", "unknown option ImageUpdater__Registries__0__Insecure; did you mean InsecureSkipVerify?")]
    [InlineData(
        "0:Colour",
        "unknown option ImageUpdater__Registries__0__Colour; valid options: Host, Alias, PlainHttp, Interval, Mirrors, CaFile, ClientCertificateFile, "
            + "ClientKeyFile, InsecureSkipVerify, Proxy, Username, Password, IdentityToken, TokenHosts, MaxConcurrency, Timeout")]
    [InlineData("0:Mirrors:0:PasWord", "unknown option ImageUpdater__Registries__0__Mirrors__0__PasWord; did you mean Password?")]
    [InlineData("0:Username:0", "unknown option ImageUpdater__Registries__0__Username__0; ImageUpdater__Registries__0__Username is a single value (text)")]
    [InlineData("0:TokenHosts:0:Name", "unknown option ImageUpdater__Registries__0__TokenHosts__0__Name; an entry of ImageUpdater__Registries__0__TokenHosts is a single text")]
    [InlineData("Host", "invalid entry ImageUpdater__Registries__Host; number the entries, as in ImageUpdater__Registries__0__Host")]
    public void Read_UnknownKey_IsAMessageWithoutTheValue(string key, string problem) => Assert.Equal(
        problem, Assert.Single(Read(("0:Host", "localhost:5000"), ("0:Mirrors:0:Url", "https://m.example.com"), (key, "s3cret")).Failure!));

    [Fact]
    public void Read_SpanWithUnit_IsRead() => Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(Read(("0:Host", "docker.io"), ("0:Timeout", "30s")).Value!).Timeout);

    [Fact]
    public void Read_Everything_IsBound()
    {
        var registry = Assert.Single(Read(
            ("0:Host", "registry.internal"), ("0:Alias", "10.0.0.5:5000/v2/x"), ("0:Interval", "01:00:00"), ("0:Proxy", "none"),
            ("0:Username", "u"), ("0:Password", "p"), ("0:TokenHosts:0", "auth.internal"), ("0:InsecureSkipVerify", "true"),
            ("0:Mirrors:0:Url", "http://m.internal:5000"), ("0:Mirrors:0:IdentityToken", "t"), ("0:Mirrors:1:Url", "https://n.internal/v2/hub/")).Value!);

        Assert.Equal("https://10.0.0.5:5000/v2/x/", RegistryAddress.Of(registry)?.AbsoluteUri);
        Assert.Equal((TimeSpan.FromHours(1), "none", true, "auth.internal"), (registry.Interval, registry.Proxy, registry.InsecureSkipVerify, Assert.Single(registry.TokenHosts)));
        Assert.Equal(["http://m.internal:5000/v2/", "https://n.internal/v2/hub/"], registry.Mirrors.Select(mirror => mirror.Address!.AbsoluteUri));
        Assert.Equal(("u", "p", "ImageUpdater:Registries, registry.internal"), (registry.Credential!.Username, registry.Credential.Password, registry.Credential.Origin));
        Assert.Equal(("t", "ImageUpdater:Registries, m.internal:5000"), (registry.Mirrors[0].Credential!.IdentityToken, registry.Mirrors[0].Credential!.Origin));
        Assert.Null(registry.Mirrors[1].Credential);
        Assert.Equal("registry.internal m.internal:5000", $"{registry} {registry.Mirrors[0]}");
    }

    [Theory]
    [InlineData("https://m.example.com", "https://m.example.com/v2/")]
    [InlineData("https://m.example.com/", "https://m.example.com/v2/")]
    [InlineData("https://m.example.com/v2", "https://m.example.com/v2/")]
    [InlineData("http://10.0.0.5:5000/v2/hub", "http://10.0.0.5:5000/v2/hub/")]
    [InlineData("https://m.example.com/a/b/", "https://m.example.com/a/b/")]
    [InlineData("m.example.com:5000", "https://m.example.com:5000/v2/")]
    [InlineData("https://u@m.example.com", null)]
    [InlineData("https://m.example.com?a=b", null)]
    [InlineData("https://m.example.com/#a", null)]
    [InlineData("ftp://m.example.com", null)]
    [InlineData("/v2", null)]
    [InlineData("", null)]
    public void Parse_Address_HasThePathOfTheApi(string text, string? expected) => Assert.Equal(expected, RegistryAddress.Parse(text, "https")?.AbsoluteUri);

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2001:4860:4860::8888", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("64:ff9b:1::808:808", true)]
    [InlineData("64:ff9b:1::a9fe:a9fe", false)]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::", false)]
    [InlineData("64:ff9b:1:a9fe:a9:fe00:808:808", false)]
    [InlineData("64:ff9b:1:a:0:100:808:808", false)]
    [InlineData("64:ff9b:1:ff0a:0:1:808:808", false)]
    [InlineData("64:ff9b:1:0:a:0:108:808", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("168.63.129.17", true)]
    [InlineData("::ffff:168.63.129.16", false)]
    [InlineData("64:ff9b::a83f:8110", false)]
    [InlineData("::ffff:0:169.254.169.254", false)]
    [InlineData("::ffff:0:8.8.8.8", true)]
    [InlineData("2002:a83f:8110::1", false)]
    [InlineData("2001:0:808:808:0:0:5601:5601", false)]
    [InlineData("2001:0:808:808:0:0:f7f7:f7f7", true)]
    [InlineData("2001:0:a00:1:0:0:f7f7:f7f7", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2002:808:808::", true)]
    [InlineData("2002:0a00:0001::", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b:1::", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("::ffff:0:10.0.0.1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("::8.8.8.8", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1%1", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("fe80::1%lo", false)]
    [InlineData("2001:0:808:808:8000:0:f5ff:fffe", false)]
    [InlineData("2001:0:a9fe:a9fe:8000:0:f7f7:f7f7", false)]
    public void IsPublic_Address_IsKnown(string address, bool isPublic) => Assert.Equal(isPublic, NetworkRules.IsPublic(IPAddress.Parse(address)));

    /// <summary>However a token server or redirect spells it. The rules only: nothing is connected to or resolved.</summary>
    [Theory]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0xa9.0376.43518")]
    [InlineData("169.254.169.254.")]
    [InlineData("169。254。169。254")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("[64:ff9b::a00:1]")]
    [InlineData("[64:ff9b:1::a00:1]")]
    [InlineData("[::ffff:0:10.0.0.1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("[2002:0a00:0001::]")]
    [InlineData("[2001:0:808:808::f5ff:fffe]")]
    [InlineData("[::10.0.0.1]")]
    [InlineData("[fe80::1%25eth0]")]
    [InlineData("[0:0:0:0:0:ffff:7f00:1]")]
    public async Task Check_PrivateAddressInAnySpelling_IsRefused(string host)
    {
        var verdict = await NetworkRules.CheckAsync(new Uri($"https://{host}/token"), new Uri("https://203.0.113.1/v2/"), [], CancellationToken.None);

        Assert.EndsWith(NetworkRules.PrivateAddress, verdict.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100;w=21600", "76;w=21600", "100 76 21600")]
    [InlineData(null, "76", " 76 ")]
    [InlineData("100; w=60", null, "100  60")]
    [InlineData("-1", "1e3", null)]
    [InlineData("99999999999;w=1", "", "2147483647  1")]
    [InlineData("5;w=99999999999", null, "5  86400")]
    public void RateLimit_Headers_AreReadOrIgnored(string? limit, string? remaining, string? expected)
    {
        var parsed = RateLimitHeaders.Parse(limit, remaining, DateTimeOffset.UnixEpoch);

        Assert.Equal(
            expected,
            parsed is null ? null : string.Create(CultureInfo.InvariantCulture, $"{parsed.Limit} {parsed.Remaining} {parsed.Window?.TotalSeconds}"));
    }

    private static ImageUpdater.Core.Result<RegistryOptions[], string[]> Read(params (string Key, string Value)[] settings)
    {
        var read = OptionsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>($"{RegistryOptions.Section}:{setting.Key}", setting.Value)))
            .Build());
        return read.IsSuccess(out var options, out var problems) ? options.Access.Registries.ToArray() : problems.ToArray();
    }
}
