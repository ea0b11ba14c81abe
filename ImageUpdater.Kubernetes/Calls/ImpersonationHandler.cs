using System.Net;
using System.Text;
using ImageUpdater.Kubernetes.Kubeconfig;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Impersonation as configured in the kubeconfig. The library ignores <c>as</c> and would act with more rights.</summary>
internal sealed class ImpersonationHandler(Impersonation impersonation) : DelegatingHandler
{
    private const string Prefix = "Impersonate-";

    /// <summary>The encoding of impersonation headers, for <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>.</summary>
    public static Encoding? EncodingOf(string header) => header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? new HeaderLines(header) : null;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (impersonation.User is not null)
            Add(request, "User", [impersonation.User]);
        if (impersonation.Uid is not null)
            Add(request, "Uid", [impersonation.Uid]);
        Add(request, "Group", impersonation.Groups);
        // As in client-go. The API server lowers the key's case and decodes it.
        foreach (var (key, values) in impersonation.Extra)
            Add(request, "Extra-" + Uri.EscapeDataString(key), values);

        return base.SendAsync(request, cancellationToken);
    }

    private static void Add(HttpRequestMessage request, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;

        request.Headers.Add(Prefix + name, HeaderLines.Join(values));
        // HTTP/2 can't send a header twice from .NET, and HeaderLines writes lines.
        if (values.Count > 1)
            request.Version = HttpVersion.Version11;
    }
}
