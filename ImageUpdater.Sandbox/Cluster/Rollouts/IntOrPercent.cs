using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

internal static class IntOrPercent
{
    /// <summary>A maxSurge or maxUnavailable: a number, or a share of the replicas.</summary>
    public static int Resolve(JsonNode? value, int replicas, bool roundUp)
    {
        if (value.Number() is { } number) return number;
        if (value.Text() is not { } text || !int.TryParse(text.TrimEnd('%'), out int percent)) return 0;
        double exact = replicas * percent / 100.0;
        return (int)(roundUp ? Math.Ceiling(exact) : Math.Floor(exact));
    }
}
