using System.Net.Http.Headers;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>The headers of one attempt, in the type that the client library takes.</summary>
internal sealed class CallHeaders : Dictionary<string, IReadOnlyList<string>>
{
    public const string Json = "application/json";

    public CallHeaders(AuthenticationHeaderValue? authorization)
    {
        this["Accept"] = [Json];
        if (authorization is not null)
            this["Authorization"] = [authorization.ToString()];
    }

    /// <param name="mediaTypes">Value of the Accept header, in order of preference.</param>
    public CallHeaders Accepting(string mediaTypes)
    {
        this["Accept"] = [mediaTypes];
        return this;
    }
}
