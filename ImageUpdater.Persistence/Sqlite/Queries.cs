using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>Questions to SQLite itself, for which EF has no words.</summary>
internal static class Queries
{
    public static int Execute(this SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    public static long Number(this SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql, []);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The first column of the last row.</summary>
    public static string Text(this SqliteConnection connection, string sql) => connection.Texts(sql)[^1];

    /// <summary>The first column of every row of every statement.</summary>
    public static IReadOnlyList<string> Texts(this SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql, []);
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

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller writes its SQL in the source; values come as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
