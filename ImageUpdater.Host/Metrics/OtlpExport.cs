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
    // A collector that does not answer must not hold up the end. Its own limit is five seconds.
    private const int LastMilliseconds = 1500;

    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <returns>To be disposed at the end, which sends the last values; null where nobody wants them.</returns>
    /// <exception cref="ArgumentException">A variable of OpenTelemetry that it can't read.</exception>
    public static IDisposable? Start(ILoggerFactory logging) => Array.Exists(Endpoints, name => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(name)))
        ? new Export(logging)
        : null;

    private sealed class Export : IDisposable
    {
        private readonly OtlpTrouble trouble;
        private readonly MeterProvider provider;

        public Export(ILoggerFactory logging)
        {
            // First, since variables are read while the other is built.
            trouble = new OtlpTrouble(logging.CreateLogger<OtlpTrouble>());
            provider = Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(resource => resource.AddService("image-updater"))
                .AddMeter(Instruments.MeterName, RuntimeCatalog.MeterName)
                .AddOtlpExporter()
                .Build();
        }

        public void Dispose()
        {
            provider.Shutdown(LastMilliseconds);
            provider.Dispose();
            trouble.Dispose();
        }
    }
}
