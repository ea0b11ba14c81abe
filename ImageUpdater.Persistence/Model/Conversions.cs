using ImageUpdater.Core.Images;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ImageUpdater.Persistence.Model;

/// <summary>UTC ticks: an integer sorts, compares and comes back to the last digit in every database. SQLite has no type for a moment, and PostgreSQL's keeps microseconds.</summary>
internal sealed class MomentConversion() : ValueConverter<DateTimeOffset, long>(
    moment => moment.UtcTicks,
    ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

internal sealed class DigestConversion() : ValueConverter<Digest, string>(
    digest => digest.Value,
    text => Digest.Parse(text));

internal sealed class ImageReferenceConversion() : ValueConverter<ImageReference, string>(
    reference => reference.ToString(),
    text => Read(text))
{
    private static ImageReference Read(string text) =>
        ImageReference.TryParse(text, out var reference) ? reference : throw new FormatException($"'{text}' is not an image reference.");
}

/// <summary>By name. EF's own conversion throws an exception that looks like a bug, but a newer version may have written a new name.</summary>
internal sealed class NameConversion<TEnum>() : ValueConverter<TEnum, string>(
    value => value.ToString(),
    text => Names.Parse<TEnum>(text))
    where TEnum : struct, Enum;

internal static class Names
{
    public static TEnum Parse<TEnum>(string text)
        where TEnum : struct, Enum =>
        Enum.TryParse<TEnum>(text, out var value) && value.ToString() == text
            ? value
            : throw new FormatException($"'{text}' is not a valid {typeof(TEnum).Name}.");
}

/// <summary>
/// Prose is cut where it enters the store. Whoever wrote it has bounded it already; this keeps one mistake there from
/// filling the volume.
/// </summary>
internal sealed class ProseConversion() : ValueConverter<string, string>(
    text => Cut(text),
    text => text)
{
    public const int MaxLength = 2000;

    private static string Cut(string text) => text.Length <= MaxLength ? text : $"{text.AsSpan(0, MaxLength)}…";
}
