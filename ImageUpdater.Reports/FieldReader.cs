using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Reports;

/// <summary>
/// Reads fields of a file and collects all problems by field name.
/// After a problem the value returned is only a placeholder: the caller asks <see cref="Problem"/> before it uses anything.
/// </summary>
internal sealed class FieldReader
{
    private const int MaxNameLength = 1024;
    private const int ShownProblems = 5;

    private static readonly Digest NoDigest = Core.Images.Digest.OfContent([]);

    private readonly List<string> problems = [];
    private int more;

    /// <summary>Null when every field is valid.</summary>
    public string? Problem =>
        problems.Count == 0 ? null : string.Join("; ", problems) + (more == 0 ? "" : $"; and {Words.Count(more, "more problem")}");

    public void Fail(string problem)
    {
        if (problems.Count < ShownProblems)
            problems.Add(problem);
        else
            more++;
    }

    /// <summary>A required text, unchanged: a name, a version.</summary>
    public string Name(string? value, string field, int maxLength = MaxNameLength)
    {
        if (value is null)
            Fail($"{field} is missing");
        else if (value.Length == 0 || value != UntrustedText.Bound(value, maxLength))
            Fail($"{field} is empty, too long or has characters that can't be shown");

        return value ?? "";
    }

    public string? OptionalName(string? value, string field) => value is null ? null : Name(value, field);

    /// <summary>A message.</summary>
    public string Text(string? value, string field)
    {
        if (value is null)
            Fail($"{field} is missing");
        return WireJson.Text(value ?? "");
    }

    public T Value<T>(T? value, string field)
        where T : struct
    {
        if (value is null)
            Fail($"{field} is missing");
        return value.GetValueOrDefault();
    }

    public T OneOf<T>(WireEnum<T> names, string? value, string field)
        where T : struct, Enum
    {
        var known = names.TryRead(value ?? "", out var read);
        if (!known)
            Fail(value is null ? $"{field} is missing" : $"{field} '{UntrustedText.Bound(value, 40)}' is not one of {string.Join(", ", names.Names)}");
        return read;
    }

    public DateTimeOffset Time(string? value, string field)
    {
        if (!Rfc3339.TryRead(value, out var time))
            Fail(value is null ? $"{field} is missing" : $"{field} is not an RFC 3339 time");
        return time;
    }

    public DateTimeOffset? OptionalTime(string? value, string field) => value is null ? null : Time(value, field);

    public Digest Digest(string? value, string field)
    {
        if (value is null)
            Fail($"{field} is missing");
        return OptionalDigest(value, field) ?? NoDigest;
    }

    public Digest? OptionalDigest(string? value, string field)
    {
        if (!Core.Images.Digest.TryParse(value, out var digest) && value is not null)
            Fail($"{field} is not a digest");
        return digest;
    }

    /// <summary>The entries of a required list, each read with its own name.</summary>
    public IReadOnlyList<TResult> List<T, TResult>(IReadOnlyList<T?>? values, string field, Func<T, string, TResult> read)
        where T : class
    {
        if (values is null)
        {
            Fail($"{field} is missing");
            return [];
        }

        var results = new List<TResult>(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
                results.Add(read(value, $"{field}[{i}]"));
            else
                Fail($"{field}[{i}] is null");
        }

        return results;
    }
}
