using System.Net.Sockets;
using System.Text;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>
/// The Unix socket through which commands in another terminal reach the running sandbox: a line there, and the answer back. It is in the user's own state
/// folder, since the answer to <c>env</c> is evaluated by a shell.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const int MaxLine = 1024;

    private readonly Socket listening;
    private readonly string path;

    private ControlSocket(Socket listening, string path) => (this.listening, this.path) = (listening, path);

    /// <summary>Set to run several sandboxes.</summary>
    public static string DefaultPath { get; } = Environment.GetEnvironmentVariable("IMAGE_UPDATER_SANDBOX") is { Length: > 0 } path
        ? path
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "image-updater", "sandbox.sock");

    /// <returns>Null if another sandbox listens there.</returns>
    public static ControlSocket? Listen(string path, Func<string, string> run, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (File.Exists(path))
        {
            using Socket probe = Create();
            try
            {
                probe.Connect(new UnixDomainSocketEndPoint(path));
                return null;
            }
            catch (SocketException)
            {
                // Left by one that was killed.
                File.Delete(path);
            }
        }

        Socket socket = Create();
        socket.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen();
        _ = AcceptAsync(socket, run, cancellationToken);
        return new ControlSocket(socket, path);
    }

    /// <returns>The answer; null if no sandbox listens there.</returns>
    public static async Task<string?> SendAsync(string path, string line, CancellationToken cancellationToken)
    {
        using Socket socket = Create();
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
            socket.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        listening.Dispose();
        File.Delete(path);
    }

    private static Socket Create() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static async Task AcceptAsync(Socket listening, Func<string, string> run, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using Socket client = await listening.AcceptAsync(cancellationToken);
                using var stream = new NetworkStream(client);
                using var reader = new StreamReader(stream);
                var line = new char[MaxLine];
                int length = await reader.ReadBlockAsync(line, cancellationToken);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(run(new string(line, 0, length).Trim()) + "\n"), cancellationToken);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // The client is gone.
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
