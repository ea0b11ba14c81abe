namespace ImageUpdater.Sandbox.Cluster.Patching;

/// <summary>
/// Which lists of the served kinds merge, and by which key: the patchStrategy and patchMergeKey tags of Kubernetes' types.
/// The field's name alone decides: in these kinds no name occurs with two meanings. Lists not named here are replaced.
/// </summary>
internal static class MergeSchema
{
    private static readonly Dictionary<string, string> KeysOfObjectLists = new()
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["ephemeralContainers"] = "name",
        ["env"] = "name",
        ["ports"] = "containerPort",
        ["volumeMounts"] = "mountPath",
        ["volumeDevices"] = "devicePath",
        ["volumes"] = "name",
        ["imagePullSecrets"] = "name",
        ["secrets"] = "name",
        ["hostAliases"] = "ip",
        ["topologySpreadConstraints"] = "topologyKey",
        ["schedulingGates"] = "name",
        ["resourceClaims"] = "name",
        ["ownerReferences"] = "uid",
        ["conditions"] = "type",
        ["addresses"] = "type",
        ["podIPs"] = "ip",
    };

    private static readonly HashSet<string> ScalarLists = ["finalizers", "podCIDRs"];

    public static string? KeyOf(string field) => KeysOfObjectLists.GetValueOrDefault(field);

    public static bool MergesScalars(string field) => ScalarLists.Contains(field);
}
