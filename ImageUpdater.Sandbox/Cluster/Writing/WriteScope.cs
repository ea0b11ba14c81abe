using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Writing;

/// <summary>Which part of an object a write may change, and as which subresource it counts.</summary>
internal sealed record WriteScope(bool Main, bool Status)
{
    /// <summary>The resource itself: a status in the body is ignored.</summary>
    public static readonly WriteScope Resource = new(Main: true, Status: false);

    /// <summary>The /status subresource: everything else in the body is ignored.</summary>
    public static readonly WriteScope StatusOnly = new(Main: false, Status: true);

    /// <summary>Controllers inside the sandbox.</summary>
    public static readonly WriteScope Everything = new(Main: true, Status: true);

    public string? Subresource => Status ? "status" : null;

    public JsonObject Limit(JsonObject before, JsonObject next)
    {
        if (Main && Status) return next;
        var kept = Main ? next : before.Copy();
        var status = (Status ? next : before)["status"];
        if (status is null) kept.Remove("status");
        else kept["status"] = status.DeepClone();
        return kept;
    }
}
