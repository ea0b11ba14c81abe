namespace ImageUpdater.Sandbox;

/// <summary>One rollout as the sandbox's controller saw it.</summary>
/// <param name="Kind">The plural, for instance <c>deployments</c>.</param>
/// <param name="Namespace">The workload's.</param>
/// <param name="Name">The workload's.</param>
/// <param name="Revision">The hash of the new template.</param>
/// <param name="First">The workload was created; nothing was replaced.</param>
/// <param name="StartedAt">When the change of the template was stored.</param>
/// <param name="EndedAt">When the workload's status said that it is complete, or when another rollout or a deletion ended it.</param>
/// <param name="Complete">False while it runs, and when it ended otherwise.</param>
public sealed record RolloutRecord(
    string Kind,
    string Namespace,
    string Name,
    string Revision,
    bool First,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    bool Complete);
