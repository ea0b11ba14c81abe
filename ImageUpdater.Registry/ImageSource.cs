using System.Net;
using System.Security.Cryptography;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

/// <param name="Digest">The content that is wanted; null for what the image's tag serves now.</param>
/// <param name="Candidates">Credentials that are for the image's registry.</param>
/// <param name="Attempts">Is told of each attempt as it ends.</param>
internal sealed record Question(
    ImageReference Image, Digest? Digest, IReadOnlyList<RegistryCredential> Candidates, IProgress<Attempt>? Attempts)
{
    public string TagOrDigest => Digest?.Value ?? Image.Digest?.Value ?? Image.Tag!;
}

/// <param name="Server">Who was asked, in words.</param>
/// <param name="Credential">With what: an origin, or <c>anonymous</c>.</param>
/// <param name="Ending">Null where it opened the way; else what became of it.</param>
internal sealed record Attempt(string Server, string Credential, string? Ending);

internal sealed record ServedContent(Digest Digest, string MediaType);

/// <summary>One place that serves a registry's images: the registry itself, or a mirror of it.</summary>
/// <param name="mirror">Null for the registry itself.</param>
internal sealed class ImageSource(RegistryEndpoint endpoint, AuthorizedExchange exchange, RegistryMirror? mirror)
{
    // What the OCI distribution specification asks registries to accept at least.
    private const int MaxManifestBytes = 4 * 1024 * 1024;

    public RegistryEndpoint Endpoint => endpoint;

    public bool IsMirror => mirror is not null;

    /// <summary>By HEAD, and by GET where that is refused or says too little.</summary>
    public async Task<Result<ServedContent, RegistryFailure>> CheckAsync(Question question, CancellationToken cancellationToken)
    {
        var head = await AskAsync(HttpMethod.Head, question, cancellationToken);
        if (head.Value?.Answer is { } answer && Digest.TryParse(answer.ContentDigest, out var digest) && ManifestDocument.IsKnown(answer.ContentType))
            return new ServedContent(digest, answer.ContentType);
        if (head.Failure is { } refusal && !RefusesOnlyHead(refusal.Status))
            return refusal.Failure;

        var got = await ResolveAsync(question with { Digest = question.Image.Digest }, cancellationToken);
        return got.IsSuccess(out var resolved, out var failure) ? new ServedContent(resolved.Manifest.Digest, resolved.Manifest.MediaType) : failure;
    }

    /// <summary>The manifest itself, which is what its digest says. Docker Hub counts it as a pull.</summary>
    public async Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(Question question, CancellationToken cancellationToken)
    {
        var got = await AskAsync(HttpMethod.Get, question, cancellationToken);
        if (!got.IsSuccess(out var granted, out var refusal))
            return refusal.Failure;

        // The header is not looked at: what counts is what was sent.
        var body = granted.Answer.Body.Span;
        var actual = question.Digest is null ? Digest.OfContent(body) : HashLike(question.Digest, body);
        if (question.Digest is not null && actual != question.Digest)
            return Failures.Invalid(ServerFor(question.Image), SubjectOf(question), $"sent content with the digest {actual.Abbreviated}");

        var parsed = ManifestDocument.Parse(body, actual, granted.Answer.ContentType);
        return parsed.IsSuccess(out var manifest, out var problem)
            ? new ResolvedImage(manifest, granted.Credential, ServerFor(question.Image))
            : Failures.Invalid(ServerFor(question.Image), SubjectOf(question), problem);
    }

    private async Task<Result<Granted, Refusal>> AskAsync(HttpMethod method, Question question, CancellationToken cancellationToken)
    {
        var named = mirror?.RepositoryOf(question.Image.Repository) ?? question.Image.Repository;
        var uri = $"./{named}/manifests/{question.TagOrDigest}{NamespaceFor(question.Image)}";
        var request = new RegistryRequest(
            method, new Uri(endpoint.Address, uri), ServerFor(question.Image), SubjectOf(question), ManifestDocument.MediaTypes, MaxManifestBytes);
        return await exchange.SendAsync(
            request, RegistryAddress.Repository(endpoint.Address, named), CandidatesFor(question), question.Attempts, cancellationToken);
    }

    // A mirror is another host: it gets what is its own, unless it is the registry under another path.
    private IReadOnlyList<RegistryCredential> CandidatesFor(Question question)
    {
        var shared = mirror is null || IsOwnHost(question.Image) ? question.Candidates : [];
        return endpoint.Options.Credential is { } own ? [.. shared.Append(own).Distinct()] : shared;
    }

    private bool IsOwnHost(ImageReference image) =>
        RegistryAddress.Of(new RegistryOptions { Host = image.Registry })?.Authority is { } authority
        && string.Equals(endpoint.Address.Authority, authority, StringComparison.OrdinalIgnoreCase);

    // A mirror of several registries knows by this which one is meant, as containerd tells it.
    private string NamespaceFor(ImageReference image) => mirror is null || IsOwnHost(image) ? "" : "?ns=" + Uri.EscapeDataString(image.Registry);

    private string ServerFor(ImageReference image) => mirror is null ? endpoint.Name : $"{image.Registry}'s mirror {endpoint.Name}";

    private static string SubjectOf(Question question) =>
        $"{question.Image.Repository}{(question.TagOrDigest.Contains(':') ? '@' : ':')}{question.TagOrDigest}";

    // 401 and 404 mean what they say, and 429 and the failures of a sick server would only come again.
    private static bool RefusesOnlyHead(HttpStatusCode? status) => status is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden
        or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.NotImplemented;

    private static Digest HashLike(Digest digest, ReadOnlySpan<byte> content) => digest.Value[..digest.Value.IndexOf(':')] switch
    {
        "sha512" => Digest.Parse("sha512:" + Convert.ToHexStringLower(SHA512.HashData(content))),
        "sha384" => Digest.Parse("sha384:" + Convert.ToHexStringLower(SHA384.HashData(content))),
        _ => Digest.OfContent(content),
    };
}
