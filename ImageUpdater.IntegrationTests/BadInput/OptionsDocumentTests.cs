using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Web;
using Microsoft.Extensions.Configuration;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class OptionsDocumentTests
{
    [Fact]
    public async Task OptionsDocument_InDocs_IsTheOneOfTheCode()
    {
        var path = Path.Combine(RepositoryRoot.Find(), "docs", "configuration.md");
        var written = OptionsDocument.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(path, written);

        Assert.Equal(written, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public void Definitions_OfAllOptions_AreCompleteAndUnique()
    {
        var all = Definitions(OptionsReader.Describe()).ToList();

        Assert.True(all.Count > 40);
        Assert.Equal(all.Count, all.Select(option => option.Path).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(all, option => Assert.EndsWith(".", option.Meaning, StringComparison.Ordinal));
        Assert.All(all, option => Assert.DoesNotContain("|", option.Meaning + option.Limits + option.Default, StringComparison.Ordinal));
    }

    /// <summary>The documented default is a valid value and has the same effect as the default.</summary>
    [Fact]
    public void Definitions_Defaults_AreAccepted()
    {
        var defaults = Definitions(OptionsReader.Describe())
            .Where(option => option.Default.StartsWith('`') && !option.Default.Contains('$') && !option.Path.Contains(":0:", StringComparison.Ordinal))
            .Select(option => KeyValuePair.Create<string, string?>(option.Path, option.Default.Trim('`'))).ToList();

        Assert.NotEmpty(defaults);
        Assert.Empty(OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(defaults).Build()).Failure ?? []);
    }

    private static IEnumerable<OptionDefinition> Definitions(OptionSource source) => source.Definitions.Concat(source.Parts.SelectMany(Definitions));
}
