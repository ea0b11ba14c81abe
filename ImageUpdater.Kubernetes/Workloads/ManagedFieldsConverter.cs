using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <param name="Foreign">Fields that a restart writes and that a GitOps controller owns and would revert.</param>
/// <param name="OursToGiveUp">Whether ImageUpdater owns fields that the manifest's owner should own: <see cref="FieldOwnership"/>.</param>
/// <param name="PullPolicies">The owner of each container's <c>imagePullPolicy</c>; of several, the last writer. Null if there is none.</param>
/// <param name="LastTemplateWriter">The newest entry of somebody else with a field of the pod template, unless ours is newer.</param>
internal sealed record ManagedFields(
    IReadOnlyList<ForeignField> Foreign, bool OursToGiveUp, IReadOnlyDictionary<string, FieldClaim>? PullPolicies, FieldWriter? LastTemplateWriter);

/// <param name="Time">In the API's format, which can be compared as text.</param>
internal sealed record FieldClaim(string Manager, string Time);

/// <summary>Reads from <c>metadata.managedFields</c> the owners of the fields that a restart writes. Other fields are skipped.</summary>
internal sealed class ManagedFieldsConverter : JsonConverter<ManagedFields>
{
    // The API's limit of a manager's name (apimachinery, FieldManagerMaxLength).
    private const int MaxManager = 128;
    private const int MaxContainerKey = 128;

    // Prefixes: Argo CD's manager is argocd-controller or argocd-application-controller, depending on how it applies.
    private static readonly string[] Keepers = ["kustomize-controller", "helm-controller", "argocd"];

    private enum Level
    {
        Root,
        Metadata,
        Annotations,
        Spec,
        Template,
        TemplateMetadata,
        TemplateAnnotations,
        PodSpec,
        Containers,
        Container,
    }

    public override ManagedFields Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();

        var found = new Found();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            ReadEntry(ref reader, found);
        return new ManagedFields(found.Foreign is null ? [] : [.. found.Foreign.Distinct()], found.OursToGiveUp, found.PullPolicies, found.LastTemplateWriter);
    }

    public override void Write(Utf8JsonWriter writer, ManagedFields value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");

    // The API server writes manager, operation and time before fieldsV1.
    private static void ReadEntry(ref Utf8JsonReader reader, Found found)
    {
        found.Manager = found.Operation = found.Time = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueTextEquals("manager"u8) ? 'm' : reader.ValueTextEquals("operation"u8) ? 'o' : reader.ValueTextEquals("time"u8) ? 't' : reader.ValueTextEquals("fieldsV1"u8) ? 'f' : ' ';
            reader.Read();
            if (name == 'm' && reader.TokenType == JsonTokenType.String)
                found.Manager = UntrustedText.Bound(reader.GetString()!, MaxManager);
            else if (name == 'o' && reader.TokenType == JsonTokenType.String)
                found.Operation = reader.ValueTextEquals(FieldOwnership.Update) ? FieldOwnership.Update : reader.ValueTextEquals(FieldOwnership.Apply) ? FieldOwnership.Apply : "";
            else if (name == 't' && reader.TokenType == JsonTokenType.String)
                found.Time = UntrustedText.Bound(reader.GetString()!, MaxManager);
            else if (name == 'f' && reader.TokenType == JsonTokenType.StartObject)
                ReadFields(ref reader, Level.Root, container: null, found);
            else
                Skip(ref reader);
        }

        found.EndEntry();
    }

    // A FieldsV1 set consists of nested objects; the leaves are empty objects. Only paths to fields that a restart writes are read.
    private static void ReadFields(ref Utf8JsonReader reader, Level level, string? container, Found found)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Note(ref reader, level, container, found);
            var next = Next(ref reader, level);
            var inner = next == Level.Container && reader.ValueSpan.Length <= MaxContainerKey ? NameOf(reader.GetString()!) : container;
            reader.Read();
            if (next is { } entered && reader.TokenType == JsonTokenType.StartObject)
                ReadFields(ref reader, entered, inner, found);
            else
                Skip(ref reader);
        }
    }

    private static Level? Next(ref Utf8JsonReader reader, Level level) => level switch
    {
        Level.Root => reader.ValueTextEquals("f:spec"u8) ? Level.Spec : reader.ValueTextEquals("f:metadata"u8) ? Level.Metadata : null,
        Level.Metadata => reader.ValueTextEquals("f:annotations"u8) ? Level.Annotations : null,
        Level.Spec => reader.ValueTextEquals("f:template"u8) ? Level.Template : null,
        Level.Template => reader.ValueTextEquals("f:spec"u8) ? Level.PodSpec : reader.ValueTextEquals("f:metadata"u8) ? Level.TemplateMetadata : null,
        Level.TemplateMetadata => reader.ValueTextEquals("f:annotations"u8) ? Level.TemplateAnnotations : null,
        Level.PodSpec => reader.ValueTextEquals("f:containers"u8) || reader.ValueTextEquals("f:initContainers"u8) ? Level.Containers : null,
        Level.Containers => reader.ValueTextEquals("."u8) ? null : Level.Container,
        _ => null,
    };

    private static void Note(ref Utf8JsonReader reader, Level level, string? container, Found found)
    {
        switch (level)
        {
            case Level.Annotations when reader.ValueTextEquals("f:" + Annotations.LastDigest):
                found.Add(ForeignField.LastDigest);
                break;
            case Level.TemplateAnnotations when reader.ValueTextEquals("f:" + Annotations.RestartedAt):
                found.Add(ForeignField.RestartedAt);
                break;
            case Level.Spec when reader.ValueTextEquals("f:template"u8):
                found.AddTemplate();
                break;
            case Level.Template when reader.ValueTextEquals("f:spec"u8):
                found.AddPodSpec();
                break;
            case Level.Container when reader.ValueTextEquals("f:imagePullPolicy"u8):
                found.Add(ForeignField.PullPolicy);
                if (container is not null)
                    found.AddPullPolicy(container);
                break;
        }
    }

    // k:{"name":"app"}
    private static string? NameOf(string key)
    {
        const string Start = "k:{\"name\":\"";
        return key.StartsWith(Start, StringComparison.Ordinal) && key.EndsWith("\"}", StringComparison.Ordinal) ? key[Start.Length..^2] : null;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip())
            throw new JsonException();
    }

    private sealed class Found
    {
        private string ours = "";
        private bool isApplied;
        private bool isOurs;
        private bool isOursInPodSpec;
        private FieldClaim? template;

        public string Manager { get; set; } = "";

        public string Operation { get; set; } = "";

        public string Time { get; set; } = "";

        public List<ForeignField>? Foreign { get; private set; }

        public bool OursToGiveUp => isOursInPodSpec || (isOurs && isApplied);

        public Dictionary<string, FieldClaim>? PullPolicies { get; private set; }

        /// <summary>Null if our own entry is newer: whoever wrote before that did not take our restart back.</summary>
        public FieldWriter? LastTemplateWriter => template is { } newest && string.CompareOrdinal(newest.Time, ours) >= 0 && RestartTime.Read(newest.Time) is { } at
            ? new FieldWriter(newest.Manager, at) : null;

        public void AddTemplate()
        {
            if (Manager != ClusterClient.FieldManager && (template is null || string.CompareOrdinal(template.Time, Time) <= 0))
                template = new FieldClaim(Manager, Time);
        }

        public void AddPodSpec() => isOursInPodSpec |= IsOurs;

        public void EndEntry()
        {
            isApplied |= Operation == FieldOwnership.Apply;
            isOurs |= IsOurs;
            if (Manager == ClusterClient.FieldManager && string.CompareOrdinal(ours, Time) < 0)
                ours = Time;
        }

        private bool IsOurs => Manager == ClusterClient.FieldManager && Operation == FieldOwnership.Update;

        public void Add(string field)
        {
            if (Array.Exists(Keepers, known => Manager.StartsWith(known, StringComparison.Ordinal)))
                (Foreign ??= []).Add(new ForeignField(Manager, field));
        }

        public void AddPullPolicy(string container)
        {
            PullPolicies ??= [];
            if (!PullPolicies.TryGetValue(container, out var claim) || string.CompareOrdinal(claim.Time, Time) <= 0)
                PullPolicies[container] = new FieldClaim(Manager, Time);
        }
    }
}
