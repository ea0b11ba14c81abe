using System.Net;
using System.Security.Cryptography;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Registry;

/// <param name="Digest">The content that is wanted; null for what the image's tag serves now.</param>
/// <param name="Candidates">Credentials that are for the image's registry.</param>
/// <param name="Attempts">Called when an attempt ends.</param>
internal sealed record Question(
    ImageReference Image, Digest? Digest, IReadOnlyList<RegistryCredential> Candidates, IProgress<Attempt>? Attempts)
{
    public string TagOrDigest => Digest?.Value ?? Image.Digest?.Value ?? Image.Tag!;
}

internal sealed record ServedContent(Digest Digest, string MediaType);

/// <summary>One place that serves a registry's images: the registry itself, or a mirror of it.</summary>
/// <param name="name">For a person: the registry's name, or the mirror's host.</param>
/// <param name="address">Where its API begins.</param>
/// <param name="mirror">Null for the registry itself.</param>
/// <param name="http">Made for it by <see cref="RegistryHttpClient"/>.</param>
internal sealed class ImageSource(string name, Uri address, EndpointOptions options, RegistryMirror? mirror, HttpClient http, BackOff backOff) : IDisposable
{
    // What the OCI distribution specification asks registries to accept at least.
    private const int MaxManifestBytes = 4 * 1024 * 1024;

    private long silentUntil;

    public string Name => name;

    public BackOff BackOff => backOff;

    /// <summary>It gave no answer: not asked again before, where there is another place to ask.</summary>
    public DateTimeOffset SilentUntil
    {
        get => new(Interlocked.Read(ref silentUntil), TimeSpan.Zero);
        set => Interlocked.Exchange(ref silentUntil, value.UtcTicks);
    }

    public void Dispose() => http.Dispose();

    /// <summary>By HEAD, and by GET where that is refused or says too little.</summary>
    public async Task<Result<ServedContent, RegistryFailure>> CheckAsync(Question question, CancellationToken cancellationToken)
    {
        var head = await AskAsync(HttpMethod.Head, question, cancellationToken);
        if (head.Value is { } answer && Digest.TryParse(answer.ContentDigest, out var digest) && ManifestDocument.IsKnown(answer.MediaType))
            return new ServedContent(digest, answer.MediaType);
        if (head.Failure is { } refusal && !RefusesOnlyHead(refusal.Status))
            return refusal.Failure;

        var got = await ResolveAsync(question with { Digest = question.Image.Digest }, cancellationToken);
        return got.IsSuccess(out var resolved, out var failure) ? new ServedContent(resolved.Manifest.Digest, resolved.Manifest.MediaType) : failure;
    }

    /// <summary>The manifest itself, which is what its digest says. Docker Hub counts it as a pull.</summary>
    public async Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(Question question, CancellationToken cancellationToken)
    {
        var got = await AskAsync(HttpMethod.Get, question, cancellationToken);
        if (!got.IsSuccess(out var answer, out var refusal))
            return refusal.Failure;

        // The digest header is ignored: the digest of the received content is used.
        var actual = question.Digest is null ? Digest.OfContent(answer.Body) : HashLike(question.Digest, answer.Body);
        if (question.Digest is not null && actual != question.Digest)
            return Failures.Invalid(ServerFor(question.Image), SubjectOf(question), $"sent content with the digest {actual.Abbreviated}");

        var parsed = ManifestDocument.Parse(answer.Body, actual, answer.MediaType);
        return parsed.IsSuccess(out var manifest, out var problem)
            ? new ResolvedImage(manifest, answer.Credential, ServerFor(question.Image))
            : Failures.Invalid(ServerFor(question.Image), SubjectOf(question), problem);
    }

    private async Task<Result<Answer, Refusal>> AskAsync(HttpMethod method, Question question, CancellationToken cancellationToken)
    {
        var named = mirror?.RepositoryOf(question.Image.Repository) ?? question.Image.Repository;
        var uri = new Uri(address, $"./{named}/manifests/{question.TagOrDigest}{NamespaceFor(question.Image)}");
        using var request = new RegistryCall(uri, ServerFor(question.Image), SubjectOf(question), MaxManifestBytes).Request(method);
        request.Headers.TryAddWithoutValidation("Accept", ManifestDocument.MediaTypes);
        request.Options.Set(
            AuthenticationHandler.Access, new Access(RegistryAddress.Repository(address, named), CandidatesFor(question), question.Attempts));

        var sent = await http.SendAsync(request, cancellationToken).AsValueAsync();
        if (!sent.IsSuccess(out var response, out var refusal))
            return refusal;

        using (response)
        {
            return new Answer(
                response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
                response.Headers.Single("Docker-Content-Digest"),
                await response.Content.ReadAsByteArrayAsync(cancellationToken),
                request.Options.TryGetValue(AuthenticationHandler.OpenedBy, out var credential) ? credential : "");
        }
    }

    // A mirror is another host: it gets what is its own, unless it is the registry under another path.
    private IReadOnlyList<RegistryCredential> CandidatesFor(Question question)
    {
        var shared = mirror is null || IsOwnHost(question.Image) ? question.Candidates : [];
        return options.Credential is { } own ? [.. shared.Append(own).Distinct()] : shared;
    }

    private bool IsOwnHost(ImageReference image) =>
        RegistryAddress.Of(new RegistryOptions { Host = image.Registry })?.Authority is { } authority
        && string.Equals(address.Authority, authority, StringComparison.OrdinalIgnoreCase);

    // Names the registry to a mirror of several registries, as containerd does.
    private string NamespaceFor(ImageReference image) => mirror is null || IsOwnHost(image) ? "" : "?ns=" + Uri.EscapeDataString(image.Registry);

    private string ServerFor(ImageReference image) => mirror is null ? name : $"{image.Registry}'s mirror {name}";

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

    /// <param name="Credential">What opened the way, in words: an origin, or <c>anonymous</c>.</param>
    private sealed record Answer(string? MediaType, string? ContentDigest, byte[] Body, string Credential);
}
