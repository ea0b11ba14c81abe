using System.Reflection;
using System.Text.RegularExpressions;
using ImageUpdater.Registry;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Compares docs/registries.md with the options.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Options_Tables_HaveEveryOption()
    {
        Assert.Equal(OptionsOf<RegistryOptions>(), Rows("Options"));
        Assert.Equal(OptionsOf<RegistryMirror>().Except(OptionsOf<EndpointOptions>()), Rows("Mirrors"));
    }

    private static IEnumerable<string> OptionsOf<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true })
        .Select(property => property.Name)
        .Order(StringComparer.Ordinal);

    // Every row has a default and an example.
    private static IEnumerable<string> Rows(string section)
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs/registries.md"));
        var start = text.IndexOf($"\n## {section}\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return Regex.Matches(text[start..end], @"^\| `(?<key>\w+)` \| [^|\s][^|]* \| [^|\s][^|]* \| [^|\s][^|]* \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(2))
            .Select(match => match.Groups["key"].Value)
            .Order(StringComparer.Ordinal);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ImageUpdater.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("there is no ImageUpdater.sln above the tests");
    }
}
