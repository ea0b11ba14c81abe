using System.Net.Sockets;
using ImageUpdater.Host.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Host.Web;

/// <summary>Makes Kestrel listen where <see cref="ServingOptions.Listen"/> says.</summary>
internal static class Listening
{
    public static void Configure(KestrelServerOptions kestrel, ServingOptions serving)
    {
        kestrel.AddServerHeader = false;
        switch (serving.Listen)
        {
            case { IsLocalhost: true, Port: var port }:
                kestrel.ListenLocalhost(port);
                break;
            case { Address: { } address, Port: var port }:
                kestrel.Listen(address, port);
                break;
            case { Port: var port }:
                // One socket for both families; IPv4 only on a machine without IPv6.
                kestrel.ListenAnyIP(port);
                break;
        }
    }

    /// <summary>The message for a start that failed because of the address; null if it failed for another reason.</summary>
    public static string? Problem(Exception exception, ListenAddress listen) => Causes(exception).OfType<SocketException>().FirstOrDefault()?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => Message(listen, "another program uses the port; stop it, or set ImageUpdater__Listen to another port"),
        SocketError.AccessDenied => Message(listen, "permission denied; set ImageUpdater__Listen to a port above 1023"),
        SocketError.AddressNotAvailable => Message(listen, "this machine does not have the address; set ImageUpdater__Listen to one that it has, or to :8080 for all"),
        SocketError.AddressFamilyNotSupported => Message(listen, "IPv6 is disabled on this machine; set ImageUpdater__Listen to an IPv4 address"),
        SocketError.InvalidArgument => Message(listen, "the system refuses the address; set ImageUpdater__Listen to another one, or to :8080 for all"),
        _ => null,
    };

    private static string Message(ListenAddress listen, string problem) => $"cannot listen on {listen}: {problem}";

    // For localhost, Kestrel tries both loopback addresses, and throws an AggregateException if neither works.
    private static IEnumerable<Exception> Causes(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Causes),
        { InnerException: { } inner } => Causes(inner).Prepend(exception),
        _ => [exception],
    };
}
