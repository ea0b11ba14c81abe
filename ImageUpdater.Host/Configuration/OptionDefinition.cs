namespace ImageUpdater.Host.Configuration;

/// <summary>The definition of an option: a row of docs/configuration.md.</summary>
/// <param name="Path">With colons: <c>ImageUpdater:Registries:0:Host</c>.</param>
/// <param name="Published">The former operator's name of the option, which stays valid.</param>
/// <param name="Default">In Markdown.</param>
/// <param name="Limits">Unit and limits, in Markdown.</param>
/// <param name="Meaning">One or two sentences, in Markdown.</param>
internal sealed record OptionDefinition(string Path, string? Published, string Default, string Limits, string Meaning)
{
    public string Environment => NameOf(Path);

    /// <summary>The name in the environment, where colons are not allowed.</summary>
    public static string NameOf(string path) => path.Replace(":", "__", StringComparison.Ordinal);
}
