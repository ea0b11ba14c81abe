using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Web;

/// <summary>
/// The query parameters of an endpoint, as its metadata. Any other is an error: a misspelled <c>namespace</c> would otherwise return everything.
/// </summary>
internal sealed record QueryParameters(params string[] Names)
{
    public const string Namespace = "namespace";

    public static Task ValidateAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.Problem(context.Request.Query) is not { } problem)
            return next(context);

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{problem}\n", context.RequestAborted);
    }

    private string? Problem(IQueryCollection query)
    {
        foreach (var (name, values) in query)
        {
            if (!Names.Contains(name, StringComparer.OrdinalIgnoreCase))
                return $"unknown parameter '{UntrustedText.Bound(name, 80)}'; {Instead(name)}";
            if (values.Count > 1)
                return $"parameter '{UntrustedText.Bound(name, 80)}' is set more than once; set it once";
            if (name.Equals(Namespace, StringComparison.OrdinalIgnoreCase) && values.ToString() is { Length: > 0 } value && !OptionKinds.IsNamespace(value))
                return "invalid namespace; use the name of one namespace, for example shop";
        }

        return null;
    }

    private string Instead(string name) => Names.Length == 0
        ? "this path has no parameters"
        : ClosestName.Find(name, Names) is { } close ? $"did you mean '{close}'?" : $"valid parameters: {string.Join(", ", Names)}";
}
