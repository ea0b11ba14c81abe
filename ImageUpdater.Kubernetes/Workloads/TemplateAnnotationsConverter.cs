using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Reads the pod template's annotations with our prefix, and kubectl's <c>restartedAt</c>.</summary>
internal sealed class TemplateAnnotationsConverter : JsonConverter<TemplateAnnotations>
{
    public override TemplateAnnotations Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var own = OwnAnnotationsConverter.Read(ref reader, Annotations.RestartedAt, out var restartedAt);
        return new TemplateAnnotations(restartedAt, own);
    }

    public override void Write(Utf8JsonWriter writer, TemplateAnnotations value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Workloads are written as patches only.");
}
