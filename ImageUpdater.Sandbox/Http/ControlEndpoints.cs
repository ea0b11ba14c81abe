using System.Text.Json;
using System.Text.Json.Serialization;

namespace ImageUpdater.Sandbox.Http;

/// <summary>
/// Faults and the request log for other processes:
/// <code>
/// GET    /_sandbox/requests     the log             DELETE  empties it
/// GET    /_sandbox/faults       what is set         DELETE  clears them
/// POST   /_sandbox/faults       adds one: { "method": "PATCH", "times": 1, "cutAfter": true }
/// </code>
/// </summary>
internal sealed class ControlEndpoints<TFault>(RequestLog log, FaultSet<TFault> faults)
    where TFault : Fault
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/_sandbox/requests"):
                await context.Response.WriteAsJsonAsync(log.All, Json);
                break;
            case ("DELETE", "/_sandbox/requests"):
                log.Clear();
                break;
            case ("GET", "/_sandbox/faults"):
                await context.Response.WriteAsJsonAsync(faults.All, Json);
                break;
            case ("DELETE", "/_sandbox/faults"):
                faults.Clear();
                break;
            case ("POST", "/_sandbox/faults"):
                await AddAsync(context);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task AddAsync(HttpContext context)
    {
        try
        {
            TFault? fault = await JsonSerializer.DeserializeAsync<TFault>(context.Request.Body, Json, context.RequestAborted);
            if (fault is not null) faults.Add(fault);
            context.Response.StatusCode = fault is null ? StatusCodes.Status400BadRequest : StatusCodes.Status201Created;
        }
        catch (JsonException problem)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(problem.Message);
        }
    }
}
