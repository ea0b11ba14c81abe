using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Reports;

/// <summary>Times in files: RFC 3339 in UTC, with as many decimals of the second as there are.</summary>
internal sealed class Rfc3339 : JsonConverter<DateTimeOffset>
{
    private const string Written = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    private static readonly string[] Accepted = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", Written];

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Written, CultureInfo.InvariantCulture);

    public static bool TryRead(string? text, out DateTimeOffset time)
    {
        var style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(text, Accepted, CultureInfo.InvariantCulture, style, out time);
    }

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(reader.GetString(), out var time) ? time : throw new JsonException("not an RFC 3339 time");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Write(value));
}
