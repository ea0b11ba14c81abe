using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Ownership;

/// <summary>One entry of managedFields.</summary>
internal sealed class FieldOwner(string manager, string operation, string apiVersion, string? subresource, HashSet<string>? fields = null)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public string Manager => manager;

    public string Operation => operation;

    public string? Subresource => subresource;

    /// <summary>When the manager last changed its fields, in the API's format.</summary>
    public string Time { get; set; } = "";

    public HashSet<string> Fields { get; } = fields ?? [];

    /// <summary>Parses the entries of a list; returns none if any of them is invalid.</summary>
    public static List<FieldOwner> Read(JsonNode? managedFields)
    {
        var read = managedFields.Items().Select(Parse).ToList();
        return read.TrueForAll(owner => owner.Operation is Apply or Update) ? read : [];
    }

    public JsonObject ToJson()
    {
        var entry = new JsonObject
        {
            ["manager"] = manager,
            ["operation"] = operation,
            ["apiVersion"] = apiVersion,
            ["time"] = Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = FieldSet.ToJson(Fields),
        };
        if (subresource is not null) entry["subresource"] = subresource;
        return entry;
    }

    private static FieldOwner Parse(JsonObject entry)
    {
        var fields = FieldSet.Parse(entry.Object("fieldsV1") ?? []);
        return new FieldOwner(
            entry.Text("manager") ?? "", entry.Text("operation") ?? "", entry.Text("apiVersion") ?? "", entry.Text("subresource"), fields)
        {
            Time = entry.Text("time") ?? "",
        };
    }

    /// <summary>The name in conflict messages.</summary>
    public override string ToString()
    {
        var part = subresource is null ? "" : $" with subresource \"{subresource}\"";
        return operation == Update ? $"\"{manager}\"{part} using {apiVersion}" : $"\"{manager}\"{part}";
    }
}
