using System.Net;
using System.Net.Sockets;

namespace ImageUpdater.Http;

/// <summary>
/// Connects to the first of several addresses that accepts (RFC 8305, section 5): one attempt after the other, each <see cref="AttemptDelay"/>
/// after the one before it, or at once if that one fails. So an address whose packets are lost, often IPv6, costs a moment and not the whole
/// timeout. The name is never resolved here: only the given addresses are connected to.
/// </summary>
internal static class AddressRace
{
    /// <summary>Recommended by RFC 8305, section 8.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <exception cref="SocketException">No address accepted.</exception>
    public static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        var next = new Queue<IPAddress>(InOrder(addresses));
        var running = new List<Task<Socket>>();
        SocketException? failure = null;
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (next.Count > 0 || running.Count > 0)
            {
                if (next.TryDequeue(out var address))
                    running.Add(AttemptAsync(address, port, decided.Token));
                if (await FirstAsync(running, next.Count > 0 ? Task.Delay(AttemptDelay, time, decided.Token) : null) is not { } ended)
                    continue;

                running.Remove(ended);
                try
                {
                    return await ended;
                }
                catch (SocketException exception)
                {
                    failure = MoreInformative(failure, exception);
                }
            }

            throw failure ?? new SocketException((int)SocketError.HostNotFound);
        }
        finally
        {
            await decided.CancelAsync();
            await Task.WhenAll(running.Select(CloseAsync));
        }
    }

    /// <summary>In the resolver's order (RFC 6724), but with the address families by turns, so that one broken family costs one attempt.</summary>
    public static IReadOnlyList<IPAddress> InOrder(IReadOnlyList<IPAddress> addresses) =>
    [
        .. addresses.Distinct()
            .GroupBy(address => address.AddressFamily)
            .SelectMany((family, turn) => family.Select((address, round) => (address, round, turn)))
            .OrderBy(entry => entry.round).ThenBy(entry => entry.turn)
            .Select(entry => entry.address),
    ];

    private static async Task<Socket> AttemptAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        // Fails on a machine without this address family.
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <returns>Null if the pause ended first.</returns>
    private static async Task<Task<Socket>?> FirstAsync(List<Task<Socket>> running, Task? pause) =>
        await Task.WhenAny([.. running, .. pause is null ? (ReadOnlySpan<Task>)[] : [pause]]) as Task<Socket>;

    // Cancelled, but it may have connected just before.
    private static async Task CloseAsync(Task<Socket> attempt)
    {
        try
        {
            (await attempt).Dispose();
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The attempt has closed its socket itself.
        }
    }

    // That this machine has no way to one address says less than what another address answered.
    private static SocketException MoreInformative(SocketException? one, SocketException other) =>
        one is null or { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable }
            ? other
            : one;
}
