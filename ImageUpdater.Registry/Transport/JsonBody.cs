using System.Security.Cryptography;
using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Bodies;

namespace ImageUpdater.Registry.Transport;

/// <summary>A document that was parsed and hashed while it arrived.</summary>
/// <param name="Actual">The digest of the content; of its beginning only, if the scan was over before its end.</param>
internal sealed record ScannedBody<TScan>(TScan Scan, Digest Actual)
    where TScan : JsonScan;

internal static class JsonBody
{
    /// <param name="like">The digest whose algorithm is used; null for SHA-256.</param>
    public static ReadBody Scan<TScan>(Digest? like)
        where TScan : JsonScan, new() => async (call, body, memory, cancellationToken) =>
        {
            var scan = new TScan();
            var (name, algorithm) = AlgorithmOf(like);
            using var hash = IncrementalHash.CreateHash(algorithm);
            await ReadAsync(call, body, scan, hash, memory, cancellationToken);
            return new ScannedBody<TScan>(scan, Digest.Parse($"{name}:{Convert.ToHexStringLower(hash.GetHashAndReset())}"));
        };

    private static async Task ReadAsync(RegistryCall call, Stream body, JsonScan scan, IncrementalHash hash, BodyMemory memory, CancellationToken cancellationToken)
    {
        using var buffer = await BodyBuffer.TakeAsync(memory, JsonScan.MaxValue, cancellationToken);
        for (var total = 0; ;)
        {
            var free = buffer.Free;
            var count = await body.ReadAsync(free, cancellationToken);
            total += count;
            if (total > call.BodyLimit)
                throw new RefusedException(Failures.TooLarge(call));

            hash.AppendData(free.Span[..count]);
            buffer.Filled(count);
            buffer.Drop(scan.Parse(buffer.Content, isLast: count == 0));
            if (count == 0 || scan.IsOver)
                return;
            if (!buffer.IsFull || buffer.TryGrow())
                continue;
            if (!buffer.IsLargest)
                throw new RefusedException(Failures.NoMemory(call));

            scan.TooLong();
            buffer.Drop(buffer.Content.Length);
        }
    }

    private static (string Name, HashAlgorithmName Algorithm) AlgorithmOf(Digest? like) => like?.Value[..like.Value.IndexOf(':')] switch
    {
        "sha512" => ("sha512", HashAlgorithmName.SHA512),
        "sha384" => ("sha384", HashAlgorithmName.SHA384),
        _ => ("sha256", HashAlgorithmName.SHA256),
    };
}
