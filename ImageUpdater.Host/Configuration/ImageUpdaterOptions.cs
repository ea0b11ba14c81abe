namespace ImageUpdater.Host.Configuration;

/// <summary>
/// What a user can set, in <c>appsettings.json</c>, the environment (<c>ImageUpdater__CheckInterval</c>) and on the command line, the
/// later one winning. One class for each area. A new option is one property there: docs/configuration.md, the check for misspelt names and the
/// problems at the start come from it.
/// </summary>
internal sealed class ImageUpdaterOptions(OptionSource source)
{
    public const string Section = "ImageUpdater";

    public CheckingOptions Checking { get; } = new(source.Area("Checking", "What is looked at, and how often."));

    public RestartOptions Restarts { get; } = new(source.Area("Restarting", "What is restarted, and what a restart changes."));

    public HoldingOptions Holding { get; } = new(source.Area("Holding", "What makes a restart wait, unless an annotation of the workload says otherwise. [spec.md](spec.md#holds) tells all that holds."));

    public AccessOptions Access { get; } = new(source.Area("Registries and credentials", "How registries are reached. [registries.md](registries.md) tells more, with examples."));

    public StateOptions State { get; } = new(source.Area("State", "What is kept, and where."));

    public ServingOptions Serving { get; } = new(source.Area("Telling", "How `run` tells of what it does."));
}
