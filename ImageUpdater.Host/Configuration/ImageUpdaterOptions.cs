namespace ImageUpdater.Host.Configuration;

/// <summary>
/// The options of <c>appsettings.json</c>, the environment (<c>ImageUpdater__CheckInterval</c>) and the command line; later ones override earlier
/// ones. One class per area. A new option is one property: docs/configuration.md, the check for unknown names and validation at startup are
/// derived from it.
/// </summary>
internal sealed class ImageUpdaterOptions(OptionSource source)
{
    public const string Section = "ImageUpdater";

    public CheckingOptions Checking { get; } = new(source.Area("Checking", "Which namespaces are watched, and how often images are checked."));

    public RestartOptions Restarts { get; } = new(source.Area("Restarting", "What is restarted, and what a restart changes."));

    public HoldingOptions Holding { get; } = new(source.Area("Holding", "What holds a restart, unless an annotation of the workload overrides it. [spec.md](spec.md#holds) lists all holds."));

    public AccessOptions Access { get; } = new(source.Area("Registries and credentials", "How registries are accessed. See [registries.md](registries.md) for examples."));

    public StateOptions State { get; } = new(source.Area("State", "Where state is stored, and how long."));

    public ServingOptions Serving { get; } = new(source.Area("Serving", "Web endpoints, Kubernetes Events and logs."));
}
