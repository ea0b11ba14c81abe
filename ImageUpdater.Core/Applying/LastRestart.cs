namespace ImageUpdater.Core.Applying;

/// <summary>The last restart of a workload, which succeeded.</summary>
/// <param name="RestartedAt">As it was written into the template.</param>
/// <param name="PreviousRestartedAt">The template's before; null where there was none.</param>
public sealed record LastRestart(string RolloutId, string RestartedAt, string? PreviousRestartedAt);
