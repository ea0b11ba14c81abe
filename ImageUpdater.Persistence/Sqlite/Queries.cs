using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>What is asked of SQLite itself: where EF has no words, or takes too long to find them.</summary>
internal static class Queries
{
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(sql).With(parameters);
        return command.ExecuteNonQuery();
    }

    public static long Number(this SqliteConnection connection, string sql)
    {
        using var command = connection.Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The first column of the last row.</summary>
    public static string Text(this SqliteConnection connection, string sql) => connection.Texts(sql)[^1];

    /// <summary>The first column of every row of every statement.</summary>
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

    public static SqliteCommand Command(this SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller writes its SQL in the source; values come as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    /// <summary>The same command with other values.</summary>
    public static SqliteCommand With(this SqliteCommand command, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
