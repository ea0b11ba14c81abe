using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>Which part of an object a write may change.</summary>
internal sealed record WriteScope(bool Main, bool Status)
{
    /// <summary>The resource itself: a status in the body is ignored.</summary>
    public static readonly WriteScope Resource = new(Main: true, Status: false);

    /// <summary>The /status subresource: everything else in the body is ignored.</summary>
    public static readonly WriteScope StatusOnly = new(Main: false, Status: true);

    /// <summary>Controllers inside the sandbox.</summary>
    public static readonly WriteScope Everything = new(Main: true, Status: true);

    /// <summary>Writes although nothing changed: only the resourceVersion moves.</summary>
    public static readonly WriteScope Touch = new(Main: false, Status: false) { Always = true };

    public bool Always { get; private init; }

    public JsonObject Limit(JsonObject before, JsonObject next)
    {
        if (Main && Status) return next;
        JsonObject kept = Main ? next : (JsonObject)before.DeepClone();
        JsonNode? status = (Status ? next : before)["status"];
        if (status is null) kept.Remove("status");
        else kept["status"] = status.DeepClone();
        return kept;
    }
}
