using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

internal static class PodValidation
{
    public static void Check(JsonObject? podSpec, string path, List<FieldProblem> problems)
    {
        var names = new HashSet<string>();
        Containers(podSpec, path, "initContainers", names, problems);
        if (!podSpec.Items("containers").Any()) problems.Add(FieldProblem.Required($"{path}.containers"));
        Containers(podSpec, path, "containers", names, problems);
    }

    private static void Containers(JsonObject? podSpec, string path, string list, HashSet<string> names, List<FieldProblem> problems)
    {
        var index = 0;
        foreach (JsonObject container in podSpec.Items(list))
        {
            string at = $"{path}.{list}[{index++}]";
            if (container.Text("name") is not { Length: > 0 } name) problems.Add(FieldProblem.Required($"{at}.name"));
            else if (!names.Add(name)) problems.Add(FieldProblem.Duplicate($"{at}.name", name));
            if (container.Text("image") is not { Length: > 0 } image) problems.Add(FieldProblem.Required($"{at}.image"));
            else if (path == "spec" && image.Trim() != image) // of pods alone: a template with it is taken
                problems.Add(FieldProblem.Invalid($"{at}.image", image, "must not have leading or trailing whitespace"));
        }
    }
}
