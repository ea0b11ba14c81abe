namespace ImageUpdater.Kubernetes.Calls;

/// <summary>A call that can be made again.</summary>
/// <param name="Path">What is asked for, in messages and the log.</param>
/// <param name="MakeAsync">Makes it once and reads its answer to the end.</param>
internal sealed record ApiCall<TAnswer>(HttpMethod Method, string Path, Func<ApiAttempt, Task<TAnswer?>> MakeAsync)
    where TAnswer : class
{
    /// <summary>Null: the client's.</summary>
    public TimeSpan? Timeout { get; init; }

    public bool IsWrite => Method != HttpMethod.Get;
}

/// <summary>One attempt at a call.</summary>
/// <param name="Token">Ends with the caller's patience or the call's own.</param>
internal sealed record ApiAttempt(KubernetesApi Api, CallHeaders Headers, CancellationToken Token);
