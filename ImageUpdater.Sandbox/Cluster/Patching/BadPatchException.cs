namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>Unwinds the recursion of a merge; <see cref="StrategicMerge.Apply"/> turns it into an answer.</summary>
internal sealed class BadPatchException(string message) : Exception(message);
