using ImageUpdater.Core.Images;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ImageUpdater.Persistence.Model;

/// <summary>Stores times as UTC ticks (100 ns), which sort, compare and round-trip in every database. SQLite has no time type; PostgreSQL's has microseconds.</summary>
internal sealed class MomentConversion() : ValueConverter<DateTimeOffset, long>(
    moment => moment.UtcTicks,
    ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

internal sealed class DigestConversion() : ValueConverter<Digest, string>(
    digest => digest.Value,
    text => Read(text))
{
    public static Digest Read(string text)
    {
        try
        {
            return Digest.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new UnreadableValueException(exception.Message, exception);
        }
    }
}

internal sealed class ImageReferenceConversion() : ValueConverter<ImageReference, string>(
    reference => reference.ToString(),
    text => Read(text))
{
    public static ImageReference Read(string text) =>
        ImageReference.TryParse(text, out var reference) ? reference : throw new UnreadableValueException($"'{text}' is not an image reference.");
}

/// <summary>Stores enums by name. An unknown name, perhaps from a newer version, is an UnreadableValueException; EF Core's own conversion throws InvalidOperationException.</summary>
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
            : throw new UnreadableValueException($"'{text}' is not a valid {typeof(TEnum).Name}.");
}

/// <summary>
/// Truncates messages to <see cref="MaxLength"/> characters. Callers limit them already; this keeps a mistake there from filling the volume.
/// </summary>
internal sealed class ProseConversion() : ValueConverter<string, string>(
    text => Cut(text),
    text => text)
{
    public const int MaxLength = 2000;

    private static string Cut(string text) => text.Length <= MaxLength ? text : $"{text.AsSpan(0, char.IsLowSurrogate(text[MaxLength]) ? MaxLength - 1 : MaxLength)}…";
}
