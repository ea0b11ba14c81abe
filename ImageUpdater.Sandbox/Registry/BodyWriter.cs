namespace ImageUpdater.Sandbox.Registry;

/// <summary>Sends the body of a response normally, or slowly, or half of it, depending on the fault.</summary>
internal static class BodyWriter
{
    public static async Task WriteAsync(
        HttpContext context, ReadOnlyMemory<byte> bytes, RegistryFault? fault, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = context.Response.Body;
        context.Response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        if (fault is { CutBody: true })
        {
            await body.WriteAsync(bytes[..(bytes.Length / 2)], cancellationToken);
            await body.FlushAsync(cancellationToken);
            context.Abort();
        }
        else if (fault?.PausePerByte is { } pause)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                await body.WriteAsync(bytes.Slice(i, 1), cancellationToken);
                await body.FlushAsync(cancellationToken);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
        else
        {
            await body.WriteAsync(bytes, cancellationToken);
        }
    }
}
