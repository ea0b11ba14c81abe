namespace ImageUpdater.Kubernetes.Calls;

internal sealed record ClusterClientOptions
{
    /// <summary>For one request from its start to the end of its answer; a list's page is one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For a list that has to be read in one piece.</summary>
    public TimeSpan WholeListTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Who of several replicas an event comes from: the pod's name.</summary>
    public string ReportingInstance { get; init; } = Environment.MachineName;
}
