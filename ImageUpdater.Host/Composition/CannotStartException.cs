namespace ImageUpdater.Host.Composition;

/// <summary>The program, or one of its parts, can't begin, for a reason outside of it. A part that a container makes has no other way to say so.</summary>
/// <param name="message">For the user.</param>
internal sealed class CannotStartException(string message) : Exception(message);
