namespace ImageUpdater.Host.Configuration;

/// <summary>What is known of an option before anybody sets it: a row of docs/configuration.md.</summary>
/// <param name="Path">With colons: <c>ImageUpdater:Registries:0:Host</c>.</param>
/// <param name="Published">A name of the former operator that stays valid.</param>
/// <param name="Default">In Markdown.</param>
/// <param name="Limits">Unit and limits, in Markdown.</param>
/// <param name="Meaning">One or two sentences, in Markdown.</param>
internal sealed record OptionDefinition(string Path, string? Published, string Default, string Limits, string Meaning)
{
    public string Environment => NameOf(Path);

    /// <summary>As it is written in the environment, where a colon can't be.</summary>
    public static string NameOf(string path) => path.Replace(":", "__", StringComparison.Ordinal);
}
