namespace ImageUpdater.Host.Configuration;

/// <summary>Reads the text of an option. The problem is the rest of a sentence that begins with the option's name; null where there is none.</summary>
internal delegate string? OptionParser<T>(string text, out T value);

/// <summary>What an option takes.</summary>
/// <param name="Limits">Unit and limits, as the documentation has them, in Markdown.</param>
internal sealed record OptionKind<T>(string Limits, OptionParser<T> Parse);
