using System.Text.Json;
using ImageUpdater.Registry.Bodies;

namespace ImageUpdater.Registry.Transport;

/// <summary>Reads the response of a token server. What is not one has no token.</summary>
internal static class TokenBody
{
    private static readonly TokenDocument Nothing = new(Token: null, AccessToken: null, ExpiresIn: null);

    /// <exception cref="RefusedException">It is longer than the call's limit, or other bodies use all the memory.</exception>
    public static async Task<object> ReadAsync(RegistryCall call, Stream body, BodyMemory memory, CancellationToken cancellationToken)
    {
        using var buffer = await BodyBuffer.TakeAsync(memory, call.BodyLimit, cancellationToken);
        while (await body.ReadAsync(buffer.Free, cancellationToken) is > 0 and var count)
        {
            buffer.Filled(count);
            if (buffer.IsFull && !buffer.TryGrow())
                throw new RefusedException(buffer.IsLargest ? new Refusal(Failures.TooLarge(call)) : Failures.NoMemory(call));
        }

        return Parse(buffer.Content) ?? Nothing;
    }

    private static TokenDocument? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, TokenJson.Default.TokenDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
