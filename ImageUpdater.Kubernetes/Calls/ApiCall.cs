namespace ImageUpdater.Kubernetes.Calls;

/// <summary>A call that can be retried.</summary>
/// <param name="Path">The path of the resource, for messages and the log.</param>
/// <param name="MakeAsync">Sends the request once and reads the whole response.</param>
internal sealed record ApiCall<TAnswer>(HttpMethod Method, string Path, Func<ApiAttempt, Task<TAnswer?>> MakeAsync)
    where TAnswer : class
{
    /// <summary>Limit of one attempt; null for <see cref="ClusterClientOptions.RequestTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    public bool IsWrite => Method != HttpMethod.Get;
}

/// <summary>One attempt at a call.</summary>
/// <param name="Token">Cancelled by the caller or by the call's timeout.</param>
internal sealed record ApiAttempt(KubernetesApi Api, CallHeaders Headers, CancellationToken Token);
