using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Reads from <c>metadata.managedFields</c> the fields that a restart writes and that a GitOps controller owns and would revert. Entries of
/// other managers are skipped.
/// </summary>
internal sealed class ForeignFieldsConverter : JsonConverter<IReadOnlyList<ForeignField>>
{
    // The API's limit of a manager's name (apimachinery, FieldManagerMaxLength).
    private const int MaxManager = 128;

    // Prefixes: Argo CD's manager is argocd-controller or argocd-application-controller, depending on how it applies.
    private static readonly string[] Managers = ["kustomize-controller", "helm-controller", "argocd"];

    public override IReadOnlyList<ForeignField> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();

        List<ForeignField>? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            ReadEntry(ref reader, ref found);
        return found is null ? [] : [.. found.Distinct()];
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<ForeignField> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");

    // The API server writes manager before fieldsV1.
    private static void ReadEntry(ref Utf8JsonReader reader, ref List<ForeignField>? found)
    {
        string? manager = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isManager = reader.ValueTextEquals("manager"u8);
            var isFields = reader.ValueTextEquals("fieldsV1"u8);
            reader.Read();
            if (isManager && reader.TokenType == JsonTokenType.String)
                manager = Known(reader.GetString()!);
            else if (isFields && manager is not null && reader.TokenType == JsonTokenType.StartObject)
                ReadFields(ref reader, manager, ref found);
            else if (!reader.TrySkip())
                throw new JsonException();
        }
    }

    private static string? Known(string manager) =>
        Array.Exists(Managers, known => manager.StartsWith(known, StringComparison.Ordinal)) ? UntrustedText.Bound(manager, MaxManager) : null;

    private static void ReadFields(ref Utf8JsonReader reader, string manager, ref List<ForeignField>? found)
    {
        var path = new Stack<string>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    path.Push(reader.GetString()!);
                    if (FieldAt(path) is { } field)
                        (found ??= []).Add(new ForeignField(manager, field));
                    break;
                case JsonTokenType.EndObject when path.Count == 0:
                    return;
                case JsonTokenType.EndObject:
                    path.Pop();
                    break;
            }
        }
    }

    // A FieldsV1 set consists of nested objects; the leaves are empty objects.
    private static string? FieldAt(Stack<string> path) => path.Peek() switch
    {
        "f:" + Annotations.RestartedAt when path.Contains("f:template") => ForeignField.RestartedAt,
        "f:" + Annotations.LastDigest when path.Count == 3 => ForeignField.LastDigest,
        "f:imagePullPolicy" => ForeignField.PullPolicy,
        _ => null,
    };
}
