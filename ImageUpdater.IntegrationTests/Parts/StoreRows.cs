using Microsoft.Data.Sqlite;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Counts the rows of each table of a store, also while another process writes to it.</summary>
internal static class StoreRows
{
    public static IReadOnlyDictionary<string, long> Of(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        var tables = Read(connection, "SELECT name, 0 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").Select(table => table.Key);
        return Read(connection, string.Join(" UNION ALL ", tables.Select(table => $"SELECT '{table}', count(*) FROM \"{table}\"")));
    }

    private static Dictionary<string, long> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        while (reader.Read())
            rows.Add(reader.GetString(0), reader.GetInt64(1));
        return rows;
    }
}
