using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>Runs the statements of <see cref="Sql"/>.</summary>
internal static class Queries
{
    public static void Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
        using var command = connection.Command(sql);
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of all rows of all statements.</summary>
    public static IReadOnlyList<string> Texts(this SqliteConnection connection, string sql)
    {
        using var command = connection.Command(sql);
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        do
        {
            while (reader.Read())
                texts.Add(reader.GetString(0));
        }
        while (reader.NextResult());
        return texts;
    }

    /// <summary>Runs a statement to its end; some do a part of their work with each row that is read.</summary>
    public static void Drain(this SqliteConnection connection, string sql)
    {
        using var command = connection.Command(sql);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            // The rows have no content.
        }
    }

    private static SqliteCommand Command(this SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of Sql; values come as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
