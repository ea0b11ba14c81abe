using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>The form of an object for clients that request metadata only.</summary>
internal static class PartialMetadata
{
    public const string Kind = "PartialObjectMetadata";
    public const string ApiVersion = "meta.k8s.io/v1";

    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.ToString().Contains($"as={Kind}", StringComparison.Ordinal);

    public static byte[] Of(StoredObject stored) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = Kind,
        ["apiVersion"] = ApiVersion,
        ["metadata"] = stored.Read()["metadata"]!.DeepClone(),
    }.ToJsonString());
}
