namespace ImageUpdater.Host.Composition;

/// <summary>The program can't start, for an external reason. An exception, because services created by the container can't return a failure.</summary>
/// <param name="message">The message for the user.</param>
internal sealed class CannotStartException(string message) : Exception(message);
