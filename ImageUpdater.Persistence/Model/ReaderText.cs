using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence.Model;

/// <summary>A reader as stored: its namespace, or an empty text for all, since null would not be unique in an index.</summary>
internal static class ReaderText
{
    public static string Of(Reader reader) => reader.Namespace ?? "";

    public static Reader Read(string text) => new(text.Length == 0 ? null : text);
}
