namespace ImageUpdater.Persistence.Database;

/// <summary>
/// What every cycle asks for, kept from one reading to the next. Only this process writes, so it holds until a write of its own
/// changes it: whoever wrote says so after the commit.
/// </summary>
internal sealed class Remembered<T>
    where T : class
{
    private readonly Lock gate = new();
    private T? value;
    private long changes;

    public async Task<T> GetAsync(Func<Task<T>> read)
    {
        long before;
        lock (gate)
        {
            if (value is not null)
                return value;
            before = changes;
        }

        var found = await read();
        lock (gate)
        {
            // What was read while somebody wrote may be what was there before.
            if (changes == before)
                value = found;
        }

        return found;
    }

    /// <param name="now">Null where it has to be read again.</param>
    public void Changed(T? now = null)
    {
        lock (gate)
        {
            changes++;
            value = now;
        }
    }
}
