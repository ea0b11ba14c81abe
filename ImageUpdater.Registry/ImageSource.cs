using System.Net;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;

namespace ImageUpdater.Registry;

/// <param name="Digest">The digest to request; null to request the image's own digest or tag.</param>
/// <param name="Candidates">Credentials for the image's registry, in the order of trying.</param>
/// <param name="Attempts">Called when an attempt ends.</param>
internal sealed record Question(
    ImageReference Image, Digest? Digest, IReadOnlyList<RegistryCredential> Candidates, IProgress<Attempt>? Attempts)
{
    public string TagOrDigest => Digest?.Value ?? Image.Digest?.Value ?? Image.Tag!;
}

/// <param name="Note">What the user should know of how it was read; null if there is nothing.</param>
/// <param name="Reader">Whose credentials were needed.</param>
internal sealed record ServedContent(Digest Digest, string MediaType, Reader Reader, string? Note);

/// <summary>A host that serves a registry's images: the registry itself, or a mirror of it.</summary>
/// <param name="name">For messages: the registry's name, or the mirror's host.</param>
/// <param name="address">Base address of the API, <c>https://ghcr.io/v2/</c>.</param>
/// <param name="mirror">Null for the registry itself.</param>
/// <param name="http">Created for this host by <see cref="RegistryHttpClient"/>.</param>
internal sealed class ImageSource(string name, Uri address, EndpointOptions options, RegistryMirror? mirror, HttpClient http, BackOff backOff) : IDisposable
{
    // The OCI distribution specification asks implementations to support manifests of at least 4 MB. Configs are smaller.
    private const int MaxBytes = 4 * 1024 * 1024;

    private const string Manifests = "manifests";
    private const string Blobs = "blobs";

    private long silentUntil;

    public string Name => name;

    public BackOff BackOff => backOff;

    /// <summary>After a connection failure or timeout, a mirror is skipped until this time.</summary>
    public DateTimeOffset SilentUntil
    {
        get => new(Interlocked.Read(ref silentUntil), TimeSpan.Zero);
        set => Interlocked.Exchange(ref silentUntil, value.UtcTicks);
    }

    public void Dispose() => http.Dispose();

    /// <summary>By HEAD, and by GET if the registry refuses it (MayRefuseOnlyHead), or leaves out the digest or the media type.</summary>
    public async Task<Result<ServedContent, RegistryFailure>> CheckAsync(Question question, CancellationToken cancellationToken)
    {
        var head = await AskAsync(HttpMethod.Head, question, cancellationToken);
        if (head.Value is { } answer && Digest.TryParse(answer.ContentDigest, out var digest) && ManifestScan.IsKnown(answer.MediaType))
            return new ServedContent(digest, answer.MediaType, answer.Reader, answer.Note);
        if (head.Failure is { } refusal && !MayRefuseOnlyHead(refusal))
            return refusal.Failure;

        var got = await ResolveAsync(question with { Digest = question.Image.Digest }, cancellationToken);
        return got.IsSuccess(out var resolved, out var failure) ? new ServedContent(resolved.Manifest.Digest, resolved.Manifest.MediaType, resolved.Reader, resolved.Note) : failure;
    }

    /// <summary>Downloads the manifest and verifies its digest. Docker Hub counts the request as a pull.</summary>
    public async Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(Question question, CancellationToken cancellationToken)
    {
        var got = await AskAsync(HttpMethod.Get, question, cancellationToken, Manifests, JsonBody.Scan<ManifestScan>(question.Digest));
        if (!got.IsSuccess(out var answer, out var refusal))
            return refusal.Failure;

        // The digest header is ignored; the digest is computed from the received content.
        var (scan, actual) = (ScannedBody<ManifestScan>)answer.Body!;
        if (question.Digest is not null && actual != question.Digest && !scan.IsOver)
            return Failures.Invalid(ServerFor(question.Image), SubjectOf(question), $"sent content with the digest {actual.Abbreviated}");

        return scan.ToManifest(actual, answer.MediaType).IsSuccess(out var manifest, out var problem)
            ? new ResolvedImage(manifest, answer.Credential, answer.Reader, ServerFor(question.Image), answer.Note)
            : Failures.Invalid(ServerFor(question.Image), SubjectOf(question), problem);
    }

    /// <summary>Downloads the config with the digest of the question and verifies it. Docker Hub does not count the request.</summary>
    public async Task<Result<ImageConfig, RegistryFailure>> ConfigAsync(Question question, CancellationToken cancellationToken)
    {
        var got = await AskAsync(HttpMethod.Get, question, cancellationToken, Blobs, JsonBody.Scan<ImageConfig>(question.Digest));
        if (!got.IsSuccess(out var answer, out var refusal))
            return refusal.Failure;

        var (config, actual) = (ScannedBody<ImageConfig>)answer.Body!;
        return actual == question.Digest
            ? config
            : Failures.Invalid(ServerFor(question.Image), SubjectOf(question), $"sent content with the digest {actual.Abbreviated}");
    }

    private async Task<Result<Answer, Refusal>> AskAsync(HttpMethod method, Question question, CancellationToken cancellationToken, string kind = Manifests, ReadBody? read = null)
    {
        var named = mirror?.RepositoryOf(question.Image.Repository) ?? question.Image.Repository;
        var uri = new Uri(address, $"./{named}/{kind}/{question.TagOrDigest}{NamespaceFor(question.Image)}");
        using var request = new RegistryCall(uri, ServerFor(question.Image), SubjectOf(question), MaxBytes, read).Request(method);
        if (kind == Manifests)
            request.Headers.TryAddWithoutValidation("Accept", ManifestScan.MediaTypes);
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
                read is null ? null : RegistryCall.BodyOf<object>(response),
                request.Options.TryGetValue(AuthenticationHandler.OpenedBy, out var credential) ? credential : "",
                new Reader(request.Options.TryGetValue(AuthenticationHandler.OpenedWith, out var with) ? with.Owner : null),
                request.Options.TryGetValue(AuthenticationHandler.NotSent, out var note) ? note : null);
        }
    }

    // A mirror on another host must not receive the registry's credentials, only its own.
    private IReadOnlyList<RegistryCredential> CandidatesFor(Question question)
    {
        var shared = mirror is null || IsOwnHost(question.Image) ? question.Candidates : [];
        return options.Credential is { } own ? [.. shared.Append(own).Distinct()] : shared;
    }

    private bool IsOwnHost(ImageReference image) =>
        RegistryAddress.Of(new RegistryOptions { Host = image.Registry })?.Authority is { } authority
        && string.Equals(address.Authority, authority, StringComparison.OrdinalIgnoreCase);

    // containerd sends ns=REGISTRY so that one mirror can serve several registries.
    private string NamespaceFor(ImageReference image) => mirror is null || IsOwnHost(image) ? "" : "?ns=" + Uri.EscapeDataString(image.Registry);

    private string ServerFor(ImageReference image) => mirror is null ? name : $"{image.Registry}'s mirror {name}";

    private static string SubjectOf(Question question) =>
        $"{question.Image.Repository}{(question.TagOrDigest.Contains(':') ? '@' : ':')}{question.TagOrDigest}";

    // The nodes pull by GET, and some registries and proxies answer HEAD with 404 (Nexus), 401 without a challenge, 403 or 405 where GET succeeds.
    private static bool MayRefuseOnlyHead(Refusal refusal) => refusal.Status switch
    {
        HttpStatusCode.Unauthorized => !refusal.IsChallenged,
        HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => false,
        HttpStatusCode.NotImplemented => true,
        { } status => (int)status is >= 400 and < 500,
        null => false,
    };

    /// <param name="Body">What was made of the body; null if it was not requested.</param>
    /// <param name="Credential">Origin of the credential that worked, or <c>anonymous</c>.</param>
    /// <param name="Reader">Whose credential that was.</param>
    private sealed record Answer(string? MediaType, string? ContentDigest, object? Body, string Credential, Reader Reader, string? Note);
}
