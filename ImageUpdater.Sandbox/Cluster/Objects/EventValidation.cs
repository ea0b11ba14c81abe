using System.Text;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>events.k8s.io/v1 is stricter than the core events that it replaced.</summary>
internal static class EventValidation
{
    public static void Check(JsonObject node, List<FieldProblem> problems)
    {
        if (node.Text("eventTime") is null) problems.Add(FieldProblem.Required("eventTime"));
        if (node.Text("type") is not ("Normal" or "Warning"))
            problems.Add(FieldProblem.Invalid("type", "", "has invalid value: " + (node.Text("type") ?? "")));
        Text(node, "reportingController", 128, problems);
        Text(node, "reportingInstance", 128, problems);
        Text(node, "action", 128, problems);
        Text(node, "reason", 128, problems);
        if (Encoding.UTF8.GetByteCount(node.Text("note") ?? "") > 1024)
            problems.Add(FieldProblem.Invalid("message", "", "can have at most 1024 characters"));
    }

    private static void Text(JsonObject node, string field, int most, List<FieldProblem> problems)
    {
        string text = node.Text(field) ?? "";
        if (text.Length == 0) problems.Add(FieldProblem.Required(field));
        if (text.Length > most) problems.Add(FieldProblem.Invalid(field, "", $"can have at most {most} characters"));
    }
}
