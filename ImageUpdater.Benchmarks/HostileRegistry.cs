using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ImageUpdater.Benchmarks;

/// <summary>
/// Registries that send what takes the most memory: indexes of empty entries up to the limit of a body, valid indexes of long entries, one long
/// value, and long tokens, another one for each repository. Each valid answer is new.
/// </summary>
internal sealed class HostileRegistry : IDisposable
{
    private const int Megabytes = 4;
    private const int Entries = 1000;
    private const int TokenLength = 16 * 1024;

    private static readonly byte[] EmptyEntries = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Repeat("{}", Megabytes * 1024 * 1024 / 3 - 20))}}]}""");
    private static readonly byte[] LongValue = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"a":"{{new string('x', Megabytes * 1024 * 1024 - 100)}}"}""");

    private readonly HttpListener listener = new();
    private int requests;
    private int bodies;

    private HostileRegistry(int port, int count)
    {
        Addresses = [.. Enumerable.Range(1, count).Select(host => $"127.0.0.{host}:{port}")];
        foreach (var address in Addresses)
            listener.Prefixes.Add($"http://{address}/");
    }

    public IReadOnlyList<string> Addresses { get; }

    /// <summary>Requests of the program.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Bodies that the program requested.</summary>
    public int Bodies => Volatile.Read(ref bodies);

    public static HostileRegistry Start(int port, int count)
    {
        var registry = new HostileRegistry(port, count);
        registry.listener.Start();
        _ = registry.ServeAsync();
        return registry;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        // The nodes of the cluster pull, too. /v2/ itself names no image.
        if (context.Request.UserAgent?.StartsWith("image-updater", StringComparison.OrdinalIgnoreCase) != true || context.Request.Url!.AbsolutePath == "/v2/")
        {
            context.Response.StatusCode = 404;
            context.Response.Close();
            return;
        }

        Interlocked.Increment(ref requests);
        if (context.Request.HttpMethod == "GET")
            Interlocked.Increment(ref bodies);
        try
        {
            await AnswerAsync(context.Request, context.Response);
            context.Response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The program has read enough.
        }
    }

    private static async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        var path = request.Url!.AbsolutePath;
        if (path == "/token")
        {
            await WriteAsync(response, Encoding.UTF8.GetBytes($$"""{"token":"{{RandomNumberGenerator.GetHexString(TokenLength)}}","expires_in":43200}"""));
            return;
        }

        if (request.HttpMethod == "HEAD" && request.Headers["Authorization"] is null && Kind(path) == 3)
        {
            response.AddHeader("WWW-Authenticate", $"Bearer realm=\"http://{request.UserHostName}/token\",service=\"{new string('s', 1500)}\"");
            response.StatusCode = 401;
        }
        else if (request.HttpMethod == "HEAD")
        {
            response.StatusCode = 405;
        }
        else
        {
            response.ContentType = "application/vnd.oci.image.index.v1+json";
            await WriteAsync(response, Body(Kind(path)));
        }
    }

    // /v2/app-NUMBER/manifests/stable
    private static int Kind(string path) => int.Parse(path.Split('/')[2]["app-".Length..], System.Globalization.CultureInfo.InvariantCulture) / 8 % 4;

    private static byte[] Body(int kind) => kind switch
    {
        0 => EmptyEntries,
        1 => Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', Enumerable.Range(0, Entries).Select(_ => Entry()))}}]}"""),
        2 => LongValue,
        _ => Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{Entry()}}]}"""),
    };

    private static string Entry() =>
        $$"""{"platform":{"os":"{{Part()}}","architecture":"{{Part()}}","variant":"{{Part()}}"},"digest":"sha512:{{RandomNumberGenerator.GetHexString(128, lowercase: true)}}"}""";

    private static string Part() => RandomNumberGenerator.GetHexString(64);

    private static async Task WriteAsync(HttpListenerResponse response, byte[] body)
    {
        response.SendChunked = true;
        await response.OutputStream.WriteAsync(body);
    }
}
