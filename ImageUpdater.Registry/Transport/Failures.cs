using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry.Transport;

/// <summary>All failure messages of this folder. Each names the registry, the image and the problem.</summary>
internal static class Failures
{
    private const int MaxNamed = 3;

    public static RegistryFailure TimedOut(RegistryCall call, TimeSpan limit) => Make(
        RegistryFailureKind.TimedOut, $"{call.Server} timed out after {limit.TotalSeconds:0.###} s for {call.Subject}");

    /// <param name="at">The address that failed; after a redirect it is not the request's address.</param>
    /// <param name="proxy">Address of the proxy; null without one.</param>
    public static RegistryFailure Unreachable(RegistryCall call, Uri at, string? proxy, Exception exception) => Make(
        RegistryFailureKind.Unreachable,
        (at.Authority == call.Uri.Authority
            ? $"{call.Server} could not be reached for {call.Subject}"
            : $"{call.Server} redirected for {call.Subject} to {at.Authority}, which could not be reached")
        + $"{(proxy is null ? "" : $" through the proxy {proxy}")}: {Cause(exception)}");

    public static RegistryFailure Redirect(RegistryCall call, string where) => Make(
        RegistryFailureKind.InvalidAnswer, $"{call.Server} redirected for {call.Subject} to {where}; the redirect is not followed");

    public static RegistryFailure NotAsked(RegistryCall call, string where) => Make(
        RegistryFailureKind.InvalidAnswer, $"{call.Server} was not contacted for {call.Subject}: {where}{HintFor(where)}");

    public static RegistryFailure TooLarge(RegistryCall call) => Make(
        RegistryFailureKind.TooLarge, $"{call.Server} sent more than {(call.BodyLimit < 1024 * 1024 ? $"{call.BodyLimit / 1024} KiB" : $"{call.BodyLimit / 1024 / 1024} MiB")} for {call.Subject}");

    public static Refusal NoMemory(RegistryCall call) => new(
        Make(RegistryFailureKind.ServerError, $"{call.Server} sent a large response for {call.Subject} while other responses use all the memory for them"), MayPass: true);

    public static RegistryFailure TookTooLong(ImageReference image, TimeSpan limit) => Make(
        RegistryFailureKind.TimedOut,
        $"{image.Registry} took more than {limit.TotalSeconds:0.###} s for {image.Repository}:{image.Tag ?? image.Digest?.Abbreviated}, with all credentials, mirrors and attempts");

    public static RegistryFailure Unexpected(ImageReference image, Exception exception) => Make(
        RegistryFailureKind.ServerError, $"{image.Registry}: unexpected error ({exception.GetType().Name}) for {image.Repository}; see the log");

    public static RegistryFailure Invalid(string server, string subject, string problem) => Make(
        RegistryFailureKind.InvalidAnswer, $"{server} {problem} for {subject}");

    public static RegistryFailure BackOff(RegistryCall call, HttpStatusCode status, DateTimeOffset until) => Make(
        KindOf(status), $"{call.Server} answered {StatusText(status)} for {call.Subject}; backing off until {Clock(until)}", until);

    public static RegistryFailure BackingOff(string registry, string subject, DateTimeOffset until)
    {
        var message = $"{registry}: backing off until {Clock(until)}; {subject} was not requested";
        return Make(RegistryFailureKind.RateLimited, message, until) with { WasAsked = false };
    }

    public static RegistryFailure Answered(RegistryCall call, HttpStatusCode status) => Answered(call, call.Uri, status, problem: null);

    /// <param name="at">The address that answered; after a redirect it is not the request's address.</param>
    /// <param name="problem">Why its challenge can't be answered; null if that is not the reason.</param>
    public static RegistryFailure Answered(RegistryCall call, Uri at, HttpStatusCode status, string? problem) => Make(
        KindOf(status),
        (at.Authority == call.Uri.Authority
            ? $"{call.Server} answered {StatusText(status)} for {call.Subject}"
            : $"{call.Server} redirected for {call.Subject} to {at.Authority}, which answered {StatusText(status)}")
        + (problem is null ? "" : $"; {problem}"));

    /// <param name="home">The registry's own address.</param>
    public static RegistryFailure Withheld(string registry, Uri home, Uri realm) => Make(
        RegistryFailureKind.Unauthorized, $"not sent: {NotOwn(registry, home, realm)}");

    /// <summary>A note about an image that was read although credentials were not sent.</summary>
    public static string ReadWithout(string registry, IReadOnlyList<string> withheld, Uri home, Uri realm, string used)
    {
        var more = withheld.Count > MaxNamed ? $" and {withheld.Count - MaxNamed} more" : "";
        return UntrustedText.Bound(
            $"{registry} was read with {used}; not sent: {string.Join(", ", withheld.Take(MaxNamed))}{more} ({NotOwn(registry, home, realm)})", 2 * UntrustedText.MaxLength);
    }

    /// <summary>The failure with the origins of the credentials that were tried.</summary>
    /// <param name="withheld">The origins of those that were not sent.</param>
    /// <param name="realm">The token server that they were not sent to; null if there are none.</param>
    public static RegistryFailure Tried(RegistryFailure failure, string registry, Uri home, IReadOnlyList<string> origins, IReadOnlyList<string> withheld, Uri? realm) => Make(
        failure.Kind,
        $"{failure.Message}; tried: {string.Join(", ", origins)}{(realm is null ? "" : $"; not sent: {string.Join(", ", withheld)} ({NotOwn(registry, home, realm)})")}",
        failure.RetryAt);

    /// <summary>The registry's failure, followed by the failures of its mirrors.</summary>
    public static RegistryFailure After(RegistryFailure failure, IReadOnlyList<RegistryFailure> mirrors) => Make(
        failure.Kind, $"{failure.Message}; mirrors failed first: {string.Join("; ", mirrors.Select(mirror => mirror.Message))}", failure.RetryAt);

    /// <summary>Only a configuration change can fix it: an untrusted certificate, or no TLS at all. Not worth a retry.</summary>
    public static bool IsAboutTrust(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException }
        || IsAboutOwnCertificate(exception);

    // With TLS 1.3 the server rejects a client certificate only after the handshake, so the exception is not an AuthenticationException.
    private static bool IsAboutOwnCertificate(Exception exception) =>
        Innermost(exception) is CryptographicException { Message: var message }
        && message.Contains("alert", StringComparison.Ordinal) && message.Contains("certificate", StringComparison.Ordinal);

    private static string NotOwn(string registry, Uri home, Uri realm) =>
        $"the token server {realm.Authority} {(Origin.IsSameHost(realm, home) ? $"is on another port of {registry} without HTTPS" : $"is not in the domain of {registry}")}; to allow this host, add it to TokenHosts in ImageUpdater:Registries";

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;

    private static string HintFor(string refusal) =>
        refusal.EndsWith(NetworkRules.PrivateAddress, StringComparison.Ordinal) ? "; to allow this host, add it to TokenHosts in ImageUpdater:Registries" : "";

    private static RegistryFailureKind KindOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => RegistryFailureKind.Unauthorized,
        HttpStatusCode.Forbidden => RegistryFailureKind.Forbidden,
        HttpStatusCode.NotFound => RegistryFailureKind.NotFound,
        HttpStatusCode.TooManyRequests => RegistryFailureKind.RateLimited,
        HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => RegistryFailureKind.ServerError,
        _ => RegistryFailureKind.InvalidAnswer,
    };

    private static RegistryFailure Make(RegistryFailureKind kind, string message, DateTimeOffset? retryAt = null) =>
        new(kind, UntrustedText.Bound(message, 2 * UntrustedText.MaxLength), retryAt);

    private static string Cause(Exception exception) => exception switch
    {
        { InnerException: AuthenticationException inner } when CertificateCause(inner.Message) is { } cause => cause,
        _ when IsAboutOwnCertificate(exception) =>
            "a valid client certificate is required; set ClientCertificateFile and ClientKeyFile in ImageUpdater:Registries",
        _ when IsAboutTrust(exception) =>
            "the server does not speak HTTPS; to use HTTP, set PlainHttp in ImageUpdater:Registries",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the host name can't be resolved",
        HttpRequestException { InnerException: SocketException inner } => UntrustedText.Bound(inner.Message),
        _ => UntrustedText.Bound(Innermost(exception).Message),
    };

    // .NET distinguishes these causes only in the message.
    private static string? CertificateCause(string message) =>
        !message.Contains("certificate", StringComparison.OrdinalIgnoreCase) ? null
        : message.Contains("NameMismatch", StringComparison.Ordinal) ? "the certificate is for a different name"
        : message.Contains("ValidationCallback", StringComparison.Ordinal)
            ? "the certificate is expired, is for a different name, or is not signed by an authority in CaFile"
        : "the certificate is not trusted; set CaFile in ImageUpdater:Registries to its authority";

    private static string StatusText(HttpStatusCode status) => Enum.IsDefined(status)
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)status} {Words(status)}")
        : ((int)status).ToString(CultureInfo.InvariantCulture);

    // As in RFC 9110: TooManyRequests is "Too Many Requests".
    private static string Words(HttpStatusCode status) => string.Concat(
        status.ToString().Select((letter, index) => index > 0 && char.IsAsciiLetterUpper(letter) && status != HttpStatusCode.OK ? $" {letter}" : $"{letter}"));

    private static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
