using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Connection;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// The connections for the current client certificate. When an exec plugin returns another certificate, new connections are opened, and the
/// old ones are closed after their last call.
/// </summary>
internal sealed class ApiConnections(KubernetesConnection connection, ILogger logger) : IDisposable
{
    private readonly Lock gate = new();
    private Shared? current;
    private bool isDisposed;

    /// <summary>The connections for one attempt. Dispose the result when the attempt ends.</summary>
    public Borrowed Borrow(ClientCertificate? certificate)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (current is null || !ReferenceEquals(current.Certificate, certificate))
            {
                current?.Release();
                current = new Shared(new KubernetesApi(connection, certificate, logger), certificate);
            }

            return new Borrowed(current);
        }
    }

    /// <summary>Aborts running calls.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            current?.Api.Dispose();
        }
    }

    internal sealed class Borrowed : IDisposable
    {
        private readonly Shared shared;

        public Borrowed(Shared shared)
        {
            shared.Hold();
            this.shared = shared;
        }

        public KubernetesApi Api => shared.Api;

        public void Dispose() => shared.Release();
    }

    /// <summary>Reference-counted: one reference while it is current, and one per call.</summary>
    internal sealed class Shared(KubernetesApi api, ClientCertificate? certificate)
    {
        private int holders = 1;

        public KubernetesApi Api => api;

        public ClientCertificate? Certificate => certificate;

        public void Hold() => Interlocked.Increment(ref holders);

        public void Release()
        {
            if (Interlocked.Decrement(ref holders) == 0)
                api.Dispose();
        }
    }
}
