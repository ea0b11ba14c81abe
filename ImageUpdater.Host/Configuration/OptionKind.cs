namespace ImageUpdater.Host.Configuration;

/// <summary>Parses the text of an option. Returns the problem, which is reported after the option's name and a colon, or null.</summary>
internal delegate string? OptionParser<T>(string text, out T value);

/// <summary>The type of an option's value.</summary>
/// <param name="Limits">Unit and limits for the documentation, in Markdown.</param>
internal sealed record OptionKind<T>(string Limits, OptionParser<T> Parse);
