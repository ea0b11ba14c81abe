using System.Net.Http.Headers;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>The headers of one attempt, in the library's form: the credential that was had for it.</summary>
internal sealed class CallHeaders : Dictionary<string, IReadOnlyList<string>>
{
    public CallHeaders(AuthenticationHeaderValue? authorization)
    {
        this["Accept"] = ["application/json"];
        if (authorization is not null)
            this["Authorization"] = [authorization.ToString()];
    }
}
