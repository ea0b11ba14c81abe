using ImageUpdater.Kubernetes.Kubeconfig;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Impersonation as configured in the kubeconfig. The library ignores <c>as</c> and would act with more rights.</summary>
internal sealed class ImpersonationHandler(Impersonation impersonation) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (impersonation.User is not null)
            request.Headers.Add("Impersonate-User", impersonation.User);
        if (impersonation.Uid is not null)
            request.Headers.Add("Impersonate-Uid", impersonation.Uid);
        foreach (var group in impersonation.Groups)
            request.Headers.Add("Impersonate-Group", group);

        return base.SendAsync(request, cancellationToken);
    }
}
