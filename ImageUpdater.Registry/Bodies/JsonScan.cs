using System.Text;
using System.Text.Json;

namespace ImageUpdater.Registry.Bodies;

/// <summary>Takes the fields that are needed out of a JSON document, part by part, and passes over the rest. Never throws.</summary>
internal abstract class JsonScan
{
    /// <summary>The limit of one value, in bytes. An image's config rarely is as long as a whole.</summary>
    public const int MaxValue = 256 * 1024;

    private const int MaxDepth = 32;

    // No field that is read is longer, if it is valid.
    private const int MaxText = 512;

    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = MaxDepth });

    /// <summary>It is not the document that was expected; the rest of it is not parsed.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>A value of it does not fit into the buffer; the rest of it is not parsed.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Nothing more needs to arrive: what did is refused.</summary>
    public virtual bool IsOver => false;

    /// <returns>How many bytes were parsed. The others must come again, with more.</returns>
    public int Parse(ReadOnlySpan<byte> data, bool isLast)
    {
        if (IsMalformed || IsTooLong)
            return data.Length;

        try
        {
            var reader = new Utf8JsonReader(data, isLast, state);
            while (!IsOver && reader.Read())
                Token(ref reader);
            state = reader.CurrentState;
            return (int)reader.BytesConsumed;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid UTF-8, or a lone surrogate.
            IsMalformed = true;
            return data.Length;
        }
    }

    public void TooLong() => IsTooLong = true;

    protected abstract void Token(ref Utf8JsonReader reader);

    /// <summary>The string; the start of a long one. Null for a JSON null.</summary>
    /// <exception cref="JsonException">It is neither.</exception>
    protected static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String when reader.ValueSpan.Length <= MaxText => reader.GetString(),
        JsonTokenType.String => Encoding.UTF8.GetString(reader.ValueSpan[..MaxText]),
        _ => throw new JsonException(),
    };

    /// <summary>Whether it is the start of such a value; false for a JSON null.</summary>
    /// <exception cref="JsonException">It is neither.</exception>
    protected static bool IsStart(ref Utf8JsonReader reader, JsonTokenType start) =>
        reader.TokenType == start || (reader.TokenType == JsonTokenType.Null ? false : throw new JsonException());
}
