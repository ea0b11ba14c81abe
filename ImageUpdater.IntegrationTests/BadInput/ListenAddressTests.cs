using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>The option Listen: what can be written, and what is answered to anything else.</summary>
public sealed class ListenAddressTests
{
    [Theory]
    [InlineData(":8080", "http://localhost:8080/ (all addresses)")]
    [InlineData("[::]:80", "http://localhost/ (all addresses)")]
    [InlineData("http://*:8080", "http://localhost:8080/ (all addresses)")]
    [InlineData("http://+:8080/", "http://localhost:8080/ (all addresses)")]
    [InlineData("0.0.0.0:8080", "http://localhost:8080/ (all IPv4 addresses)")]
    [InlineData(" LocalHost:8080 ", "http://localhost:8080/")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    [InlineData("[fd00::5]:65535", "http://[fd00::5]:65535/")]
    public void Parse_Address_IsSaidAsAUrl(string text, string expected) => Assert.Equal(expected, ListenAddress.Parse(text).Value?.ToString());

    [Theory]
    [InlineData("8080", "invalid address '8080'; use HOST:PORT, for example ")]
    [InlineData("localhost", "invalid address 'localhost'; use HOST:PORT, for example ")]
    [InlineData("http://localhost", "invalid address 'http://localhost'; use HOST:PORT, for example ")]
    [InlineData("localhost:0", "invalid address 'localhost:0'; use HOST:PORT, for example ")]
    [InlineData(":65536", "invalid address ':65536'; use HOST:PORT, for example ")]
    [InlineData("http://localhost:8080/reports", "invalid address 'http://localhost:8080/reports'; use HOST:PORT, for example ")]
    [InlineData("::1:8080", "invalid address '::1:8080': an IPv6 address needs brackets; use for example [::1]:8080")]
    [InlineData("::1", "invalid address '::1': an IPv6 address needs brackets; use for example [::1]:8080")]
    [InlineData("[::1]", "invalid address '[::1]'; use HOST:PORT, for example ")]
    [InlineData("[::1]:80:8080", "invalid address '[::1]:80:8080': '[::1]:80' is not an IP address; use HOST:PORT, for example ")]
    [InlineData("1:8080", "invalid address '1:8080': '1' is not an IP address; use HOST:PORT, for example ")]
    [InlineData("pages.example.com:8080", "invalid address 'pages.example.com:8080': 'pages.example.com' is not an IP address; use HOST:PORT, for example ")]
    [InlineData("https://localhost:8443", "invalid address 'https://localhost:8443': the web endpoints do not serve TLS; use http, and a proxy or an Ingress with TLS")]
    public void Read_InvalidAddress_SaysWhatToWrite(string text, string expected) => Assert.Contains(
        $"ImageUpdater__Listen: {expected}", ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Listen"] = text }).Failure, StringComparison.Ordinal);

    [Fact]
    public void Default_IsLoopbackOutsideAClusterAndAllAddressesInside()
    {
        var inside = new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "fd00::1", ["KUBERNETES_SERVICE_PORT"] = "443" };

        Assert.Equal(ListenAddress.LocalhostAt(8080), ProgramOptions.Default.Serving.Listen);
        Assert.Equal(ListenAddress.AllAt(8080), ProgramOptions.Read(inside).Value!.Serving.Listen);
    }
}
