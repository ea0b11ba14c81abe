using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>A watch with events from the test.</summary>
internal sealed class ScriptedWatch
{
    private volatile Channel<string> lines = Channel.CreateUnbounded<string>();
    private int opened;

    /// <summary>The number of watch requests so far.</summary>
    public int Opened => Volatile.Read(ref opened);

    public void Send(string type, string item) => Write($"{{\"type\":\"{type}\",\"object\":{item}}}");

    public void Write(string line) => lines.Writer.TryWrite(line);

    /// <summary>Ends the response normally.</summary>
    public void End() => lines.Writer.TryComplete();

    /// <summary>Aborts the connection.</summary>
    public void Cut() => lines.Writer.TryComplete(new IOException("cut"));

    public async Task AnswerAsync(HttpContext context)
    {
        // A separate queue per request: a watch that its client has left may not have noticed yet.
        var own = Channel.CreateUnbounded<string>();
        lines = own;
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync();
        Interlocked.Increment(ref opened);
        try
        {
            await foreach (var line in own.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n");
                await context.Response.Body.FlushAsync();
            }
        }
        catch (IOException)
        {
            context.Abort();
        }
    }
}
