namespace ImageUpdater.Persistence.Model;

/// <summary>A record has a value, for example invalid JSON, that this version can't read.</summary>
/// <param name="record">Its kind and id.</param>
internal sealed class UnreadableRecordException(string record, Exception inner) : UnreadableValueException(inner.Message, inner)
{
    public string Record => record;

    /// <summary>Runs <paramref name="read"/>, and adds to its failure which record it is.</summary>
    public static T Reading<T>(string record, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnreadableValueException exception)
        {
            throw new UnreadableRecordException(record, exception);
        }
    }
}
