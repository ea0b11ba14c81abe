using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>One cause of a 422.</summary>
internal sealed record FieldProblem(string Reason, string Field, string Message)
{
    public static FieldProblem Required(string field, string detail = "") =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldProblem Invalid(string field, string value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: \"{value}\": {detail}");

    public static FieldProblem InvalidObject(string field, JsonNode? value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {value?.ToJsonString() ?? "null"}: {detail}");

    public static FieldProblem Forbidden(string field, string detail) => new("FieldValueForbidden", field, $"Forbidden: {detail}");

    public static FieldProblem Duplicate(string field, string value) =>
        new("FieldValueDuplicate", field, $"Duplicate value: \"{value}\"");

    public static FieldProblem TooLong(string field, int most) =>
        new("FieldValueTooLong", field, $"Too long: may not be more than {most} bytes");

    public JsonObject ToJson() => new() { ["reason"] = Reason, ["message"] = Message, ["field"] = Field };

    public override string ToString() => $"{Field}: {Message}";
}
