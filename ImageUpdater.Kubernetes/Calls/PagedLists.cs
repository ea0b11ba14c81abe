using ImageUpdater.Core;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>One page of a list, without the items that are not kept.</summary>
/// <param name="Continue">Token of the next page; null or empty on the last.</param>
/// <param name="Version">The resourceVersion of the list.</param>
internal sealed record Page<TItem>(IEnumerable<TItem> Items, string? Continue, string? Version)
{
    public PassedOver PassedOver { get; init; } = PassedOver.None;
}

/// <summary>The page to request.</summary>
/// <param name="Limit">Maximum number of items; null for all.</param>
/// <param name="Continue">The previous page's token; null for the first page.</param>
internal sealed record PageRequest(int? Limit, string? Continue);

/// <param name="Version">The resourceVersion of the list.</param>
internal sealed record WholeList<TItem>(List<TItem> Items, string Version, PassedOver PassedOver);

/// <summary>Reads lists page by page. If a continue token expires (410), reads the list again in one piece, as client-go does.</summary>
internal sealed class PagedLists(ApiCalls calls, ClusterClientOptions options, ILogger logger)
{
    private const int PageSize = 500;

    // A million objects. A server whose tokens never end would otherwise keep us reading forever.
    private const int MaxPages = 2_000;

    /// <param name="path">The path of the list, for messages and the log.</param>
    /// <param name="readAsync">Requests one page and drops the items that are not needed, so that only one full page is in memory.</param>
    public async Task<Result<WholeList<TItem>, KubernetesFailure>> ReadAsync<TItem>(
        string path, Func<PageRequest, ApiAttempt, Task<Page<TItem>?>> readAsync, CancellationToken cancellationToken)
    {
        var items = new List<TItem>();
        var passedOver = PassedOver.None;
        string? next = null;
        for (var pages = 1; pages <= MaxPages; pages++)
        {
            var read = await PageAsync(new PageRequest(PageSize, next), timeout: null);
            if (read.Failure is { Kind: KubernetesFailureKind.Gone } && next is not null)
            {
                CallLog.ListExpired(logger, path);
                items.Clear();
                passedOver = PassedOver.None;
                read = await PageAsync(new PageRequest(Limit: null, Continue: null), options.WholeListTimeout);
            }

            if (!read.IsSuccess(out var page, out var failure))
                return failure;
            items.AddRange(page.Items);
            passedOver = passedOver.With(page.PassedOver);
            if (string.IsNullOrEmpty(page.Continue))
                return new WholeList<TItem>(items, page.Version ?? "", passedOver);
            next = page.Continue;
        }

        return new KubernetesFailure(KubernetesFailureKind.InvalidAnswer, $"the list {path} has more than {MaxPages:N0} pages, or repeats a continue token");

        Task<Result<Page<TItem>, KubernetesFailure>> PageAsync(PageRequest wanted, TimeSpan? timeout) => calls.MakeAsync(
            new ApiCall<Page<TItem>>(HttpMethod.Get, path, attempt => readAsync(wanted, attempt)) { Timeout = timeout }, cancellationToken);
    }
}
