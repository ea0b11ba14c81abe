using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using k8s.Models;

namespace ImageUpdater.Kubernetes;

/// <param name="Date">The server's clock, to the second; null if it sent none.</param>
/// <param name="Received">Our clock, when the response arrived.</param>
internal sealed record ApiServerVersion(string Version, DateTimeOffset? Date, DateTimeOffset Received);

/// <param name="IsAllowed">What the API server's authorizers answered; nothing was tried.</param>
internal sealed record ReviewedAccess(bool IsAllowed);

/// <summary>The questions of <c>doctor</c>. The API server answers a review and stores nothing.</summary>
internal sealed partial class ClusterClient
{
    private const string ReviewPath = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private const int MaxVersion = 80;

    public Task<Result<ApiServerVersion, KubernetesFailure>> GetVersionAsync(CancellationToken cancellationToken) =>
        calls.MakeAsync(new ApiCall<ApiServerVersion>(HttpMethod.Get, "/version", async attempt =>
        {
            using var answer = await attempt.Api.Version.GetCodeWithHttpMessagesAsync(attempt.Headers, attempt.Token);
            return string.IsNullOrEmpty(answer.Body?.GitVersion)
                ? null
                : new ApiServerVersion(UntrustedText.Bound(answer.Body.GitVersion, MaxVersion), answer.Response.Headers.Date, time.GetUtcNow());
        }), cancellationToken);

    /// <summary>Whether the caller has a permission.</summary>
    /// <param name="namespace">Null for all namespaces, or for what is in none.</param>
    public Task<Result<ReviewedAccess, KubernetesFailure>> ReviewAccessAsync(string group, string resource, string verb, string? @namespace, CancellationToken cancellationToken)
    {
        var review = new V1SelfSubjectAccessReview
        {
            ApiVersion = $"{V1SelfSubjectAccessReview.KubeGroup}/{V1SelfSubjectAccessReview.KubeApiVersion}",
            Kind = V1SelfSubjectAccessReview.KubeKind,
            Spec = new V1SelfSubjectAccessReviewSpec
            {
                ResourceAttributes = new V1ResourceAttributes { Group = group, Resource = resource, Verb = verb, NamespaceProperty = @namespace },
            },
        };
        return calls.MakeAsync(new ApiCall<ReviewedAccess>(HttpMethod.Post, ReviewPath, async attempt =>
        {
            using var answer = await attempt.Api.AuthorizationV1.CreateSelfSubjectAccessReviewWithHttpMessagesAsync(
                review, customHeaders: attempt.Headers, cancellationToken: attempt.Token);
            return answer.Body?.Status is { } status ? new ReviewedAccess(status.Allowed) : null;
        }), cancellationToken);
    }
}
