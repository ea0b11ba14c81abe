namespace ImageUpdater.Persistence.Sqlite;

/// <summary>
/// All migrations as one script, for a store that is not there yet: EF would work out the model of each of them first, which takes longer
/// than all else at a first start. A test holds the script and the migrations together.
/// </summary>
internal static class FreshSchema
{
    public static async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(FreshSchema).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
