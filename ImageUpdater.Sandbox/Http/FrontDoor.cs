using Microsoft.AspNetCore.Http.Features;

namespace ImageUpdater.Sandbox.Http;

/// <summary>
/// Handles every request of either server first: logs it, and applies faults to the connection. Faults in the content of a response are up to
/// the server.
/// </summary>
internal sealed class FrontDoor<TFault>(
    RequestLog log,
    FaultSet<TFault> faults,
    TimeProvider time,
    Func<HttpContext, TFault?, CancellationToken, Task> handle)
    where TFault : Fault
{
    public async Task HandleAsync(HttpContext context, CancellationToken stoppingToken)
    {
        var fault = faults.Take(context.Request);
        var left = context.RequestAborted;
        var buffered = fault is { CutAfter: true } or { OutlivesClient: true } or { HoldAnswer: not null };
        if (fault is { OutlivesClient: true }) await OutliveAsync(context, stoppingToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, context.RequestAborted);
        var logged = false;
        var handled = false;
        log.Enter();
        context.Response.OnStarting(() =>
        {
            // OnStarting is also called for an aborted response, which is already recorded as cut.
            Log(cut: false);
            return Task.CompletedTask;
        });
        try
        {
            if (fault is not null && fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, time, ending.Token);
            if (fault?.Hold is { } hold) await hold.WaitAsync(ending.Token);
            if (fault is { CutBefore: true })
            {
                Log(cut: true);
                context.Abort();
                return;
            }

            handled = true;
            if (buffered) await AnswerLaterAsync(context, fault!, Log, left, ending.Token);
            else await handle(context, fault, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client disconnected, or the server is stopping.
            context.Abort();
        }
        finally
        {
            log.Leave();
            if (!context.Response.HasStarted && left.IsCancellationRequested) Log(cut: true);
        }

        void Log(bool cut)
        {
            if (logged) return;
            logged = true;
            Record(context, cut, handled ? context.Response.StatusCode : 0);
        }
    }

    /// <summary>Buffers the request, so that handling it no longer depends on the client's connection.</summary>
    private static async Task OutliveAsync(HttpContext context, CancellationToken stoppingToken)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        context.RequestAborted = stoppingToken;
    }

    /// <summary>Handles the request now, and sends the response later, or never.</summary>
    private async Task AnswerLaterAsync(HttpContext context, TFault fault, Action<bool> log, CancellationToken leftToken, CancellationToken endingToken)
    {
        var wire = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var answer = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        await handle(context, fault, endingToken);
        var cut = fault.CutAfter || leftToken.IsCancellationRequested;
        log(cut);
        if (fault.HoldAnswer is { } hold) await hold.WaitAsync(endingToken);
        if (cut)
        {
            context.Abort();
            return;
        }

        context.Features.Set(wire);
        await wire.Stream.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), endingToken);
    }

    private void Record(HttpContext context, bool cut, int status)
    {
        var request = context.Request;
        log.Add(new RequestRecord
        {
            Method = request.Method,
            Path = request.Path.ToUriComponent(),
            Query = request.QueryString.Value ?? "",
            UserAgent = request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null,
            Authorization = request.Headers.Authorization.ToString() is { Length: > 0 } value ? value : null,
            Body = context.Items[RequestLog.BodyKey] as string,
            Status = status,
            Cut = cut,
        });
    }
}
