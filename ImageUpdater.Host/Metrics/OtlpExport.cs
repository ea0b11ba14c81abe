using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ImageUpdater.Host.Metrics;

/// <summary>
/// The same instruments, sent to an OpenTelemetry collector. Where and how is said by OpenTelemetry's own variables, since whoever
/// has a collector sets them for all programs; without an endpoint nothing of it is even loaded.
/// </summary>
internal static class OtlpExport
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <returns>To be disposed at the end, which sends the last values; null where nobody wants them.</returns>
    public static IDisposable? Start() => Array.Exists(Endpoints, name => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(name)))
        ? Exporting()
        : null;

    private static MeterProvider Exporting() => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("image-updater"))
        .AddMeter(Instruments.MeterName, RuntimeCatalog.MeterName)
        .AddOtlpExporter()
        .Build();
}
