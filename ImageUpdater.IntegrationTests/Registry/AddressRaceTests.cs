using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ImageUpdater.Http;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>A registry with a dead address beside a living one.</summary>
public sealed class AddressRaceTests
{
    private static readonly IPAddress Dead = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Closed = IPAddress.Parse("127.0.0.3");

    [Theory]
    [InlineData("2001:db8::1 10.0.0.1", "2001:db8::1 10.0.0.1")]
    [InlineData("2001:db8::1 2001:db8::2 2001:db8::3 10.0.0.1 10.0.0.2", "2001:db8::1 10.0.0.1 2001:db8::2 10.0.0.2 2001:db8::3")]
    [InlineData("10.0.0.1 10.0.0.2 2001:db8::1", "10.0.0.1 2001:db8::1 10.0.0.2")]
    [InlineData("10.0.0.1 10.0.0.1", "10.0.0.1")]
    [InlineData("", "")]
    public void InOrder_Addresses_TakeTheFamiliesByTurns(string resolved, string expected) => Assert.Equal(
        expected, string.Join(' ', AddressRace.InOrder([.. resolved.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)])));

    [Fact]
    public async Task Connect_DeadAddressFirst_TakesTheOtherAfterAMomentAndClosesTheLoser()
    {
        using var living = Listen(IPAddress.Loopback, 0);
        using var hole = new BlackHole(Port(living));
        var before = Unanswered(Port(living));
        var clock = Stopwatch.StartNew();

        using var socket = await AddressRace.ConnectAsync([Dead, IPAddress.Loopback], Port(living), TimeProvider.System, CancellationToken.None);

        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(socket.RemoteEndPoint).Address);
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));
        Assert.Equal(before, Unanswered(Port(living)));
    }

    [Fact]
    public async Task Connect_RefusedAddressFirst_TakesTheOtherAtOnce()
    {
        using var living = Listen(IPAddress.Loopback, 0);

        using var socket = await AddressRace.ConnectAsync([Closed, IPAddress.Loopback], Port(living), new StoppedTime(), CancellationToken.None);

        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(socket.RemoteEndPoint).Address);
    }

    [Fact]
    public async Task Connect_LivingAddressFirst_TriesNoOther()
    {
        using var living = Listen(IPAddress.Loopback, 0);
        using var other = Listen(Closed, Port(living));

        using var socket = await AddressRace.ConnectAsync([IPAddress.Loopback, Closed], Port(living), new StoppedTime(), CancellationToken.None);

        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(socket.RemoteEndPoint).Address);
        Assert.False(other.Poll(TimeSpan.Zero, SelectMode.SelectRead));
    }

    [Theory]
    [InlineData("", SocketError.HostNotFound)]
    [InlineData("127.0.0.3", SocketError.ConnectionRefused)]
    [InlineData("2001:db8::1 127.0.0.3", SocketError.ConnectionRefused)]
    public async Task Connect_NoAddressAccepts_SaysWhatTheBestOfThemAnswered(string addresses, SocketError expected)
    {
        using var living = Listen(IPAddress.Loopback, 0);

        var exception = await Assert.ThrowsAsync<SocketException>(() => AddressRace.ConnectAsync(
            [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)], Port(living), TimeProvider.System, CancellationToken.None));

        Assert.Equal(expected, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Connect_Cancelled_ClosesEveryAttempt()
    {
        using var living = Listen(IPAddress.Loopback, 0);
        using var hole = new BlackHole(Port(living));
        var before = Unanswered(Port(living));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AddressRace.ConnectAsync([Dead], Port(living), TimeProvider.System, cancelled.Token));

        Assert.Equal(before, Unanswered(Port(living)));
    }

    // Through the handler that registries, token servers, proxies and the API server share.
    [Fact]
    public async Task Send_ApprovedAddresses_AreRacedAndTheNameIsNotResolved()
    {
        await using var server = await ScriptedRegistry.StartAsync(Rule.For("GET /", new Reply(204)));
        var port = int.Parse(server.Host.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        using var hole = new BlackHole(port);
        using var handler = new SocketsHttpHandler();
        Dialer.Configure(handler, ServerTrust.OfSystem, certificate: null, new ProxyChoice(UseProxy: false, Proxy: null));
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://registry.example.invalid:{port}/");
        request.Options.Set(Dialer.OnlyAddresses, [Dead, IPAddress.Loopback]);

        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(request)).StatusCode);
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static int Unanswered(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(connection => connection.State == TcpState.SynSent && connection.RemoteEndPoint.Equals(new IPEndPoint(Dead, port)));

    /// <summary>Listens with a full queue, so that the kernel drops every further connection attempt without an answer.</summary>
    private sealed class BlackHole : IDisposable
    {
        private readonly List<Socket> sockets = [];

        public BlackHole(int port)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(listener);
            listener.Bind(new IPEndPoint(Dead, port));
            listener.Listen(0);
            for (var filler = 0; filler < 4; filler++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                sockets.Add(socket);
                try
                {
                    socket.Connect(new IPEndPoint(Dead, port));
                }
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // Connecting goes on.
                }
            }
        }

        public void Dispose() => sockets.ForEach(socket => socket.Dispose());
    }

    /// <summary>No pause ever ends.</summary>
    private sealed class StoppedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
