namespace ImageUpdater.Persistence.Model;

/// <summary>A stored value that this version can't read, perhaps of a newer one. Any other FormatException or JsonException is a bug of this program.</summary>
internal class UnreadableValueException(string message, Exception? inner = null) : Exception(message, inner);
