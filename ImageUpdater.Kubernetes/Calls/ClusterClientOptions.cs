namespace ImageUpdater.Kubernetes.Calls;

internal sealed record ClusterClientOptions
{
    /// <summary>Limit of one attempt, including reading the response. Each page of a list is one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limit of reading a list without paging.</summary>
    public TimeSpan WholeListTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>reportingInstance</c> of events: the host name, which in a cluster is the pod's name.</summary>
    public string ReportingInstance { get; init; } = Environment.MachineName;
}
