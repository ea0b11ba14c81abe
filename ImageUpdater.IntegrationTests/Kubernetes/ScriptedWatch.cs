using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>A watch of which the test writes every line.</summary>
internal sealed class ScriptedWatch
{
    private volatile Channel<string> lines = Channel.CreateUnbounded<string>();
    private int opened;

    /// <summary>How often it was asked for.</summary>
    public int Opened => Volatile.Read(ref opened);

    public void Tell(string type, string item) => Write($"{{\"type\":\"{type}\",\"object\":{item}}}");

    public void Write(string line) => lines.Writer.TryWrite(line);

    /// <summary>The answer is over, in good order.</summary>
    public void End() => lines.Writer.TryComplete();

    /// <summary>The connection breaks.</summary>
    public void Cut() => lines.Writer.TryComplete(new IOException("cut"));

    public async Task AnswerAsync(HttpContext context)
    {
        // Of its own: a watch that its client has left may not know that yet.
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
