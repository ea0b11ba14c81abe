using System.Collections.Concurrent;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>The client with its clock and log.</summary>
internal sealed class ClientUnderTest : IDisposable
{
    private readonly LogLines log = new();

    public ClientUnderTest(params RegistryOptions[] registries) => Client = new RegistryClient(registries, Clock, log, Record);

    public ClientUnderTest(TimeProvider clock, params RegistryOptions[] registries) => Client = new RegistryClient(registries, clock, log, Record);

    public ImpatientClock Clock { get; } = new();

    public RegistryClient Client { get; }

    /// <summary>Registry and code of each request that has ended, in order.</summary>
    public ConcurrentQueue<string> Ended { get; } = [];

    public string Log => string.Join('\n', log.Lines);

    public static ClientUnderTest For(ScriptedRegistry registry) => new(PlainHttp(registry.Host));

    public static RegistryOptions PlainHttp(string host) => new() { Host = host, PlainHttp = true };

    public static ImageReference Image(string host, string rest = "team/app:latest") =>
        ImageReference.Parse($"{host}/{rest}").Value!;

    public Task<ImageCheck> CheckAsync(ScriptedRegistry registry, params RegistryCredential[] candidates) =>
        Client.CheckAsync(Image(registry.Host), candidates, CancellationToken.None);

    public async Task<RegistryFailure> FailureAsync(ScriptedRegistry registry, params RegistryCredential[] candidates) =>
        Assert.IsType<FailedCheck>(await CheckAsync(registry, candidates)).Failure;

    public async Task<string> DigestAsync(ScriptedRegistry registry, params RegistryCredential[] candidates)
    {
        var check = await CheckAsync(registry, candidates);
        return check is ServedCheck served ? served.Digest.Value : Assert.IsType<FailedCheck>(check).Failure.Message;
    }

    public void Dispose() => Client.Dispose();

    private void Record(string registry, string code, TimeSpan took) => Ended.Enqueue($"{registry} {code}");

    private sealed class LogLines : ILogger<RegistryClient>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
                Lines.Add(formatter(state, exception) + exception);
        }
    }
}
