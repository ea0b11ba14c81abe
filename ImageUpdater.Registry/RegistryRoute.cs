using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

/// <summary>The mirrors of a registry in their order, then the registry itself: the first that serves the image counts.</summary>
/// <param name="mirrorsOnly">The registry itself is not asked.</param>
internal sealed class RegistryRoute(IReadOnlyList<ImageSource> mirrors, ImageSource own, bool mirrorsOnly, TimeProvider time)
{
    // A mirror that is down would otherwise cost every image its attempts and timeouts.
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);

    public ImageSource Own => own;

    public async Task<Result<T, RegistryFailure>> AskAsync<T>(Func<ImageSource, Task<Result<T, RegistryFailure>>> ask)
        where T : class
    {
        var before = new List<RegistryFailure>();
        var last = mirrorsOnly ? mirrors[^1] : own;
        foreach (var mirror in mirrors.Where(mirror => mirror != last && mirror.Endpoint.SilentUntil <= time.GetUtcNow()))
        {
            var outcome = await ask(mirror);
            if (outcome.IsSuccess(out _, out var failure))
                return outcome;
            if (failure.Kind is RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut)
                mirror.Endpoint.SilentUntil = time.GetUtcNow() + SilentFor;
            before.Add(failure);
        }

        var end = await ask(last);
        return end.IsSuccess(out _, out var refusal) || before.Count == 0 ? end : Failures.After(refusal, before);
    }
}
