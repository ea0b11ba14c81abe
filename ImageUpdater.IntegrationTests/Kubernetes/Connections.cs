using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Connection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Kubernetes;

internal static class Connections
{
    public static readonly Func<string, string?> NoEnvironment = _ => null;

    public static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(variable => variable.Name == name).Value;

    /// <summary>A kubeconfig with one context.</summary>
    /// <param name="cluster">More fields in flow style: <c>insecure-skip-tls-verify: true</c>.</param>
    public static string Yaml(Uri server, string cluster = "", string user = "token: secret") =>
        $$$"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{name: c, cluster: {server: "{{{server}}}", {{{cluster}}} }}]
        users: [{name: u, user: { {{{user}}} }}]
        contexts: [{name: test, context: {cluster: c, user: u, namespace: team-a}}]
        """;

    public static KubernetesConnection Load(string yaml)
    {
        using var folder = new TestFolder();
        return Require(KubernetesConnection.Load(folder.Write("config", yaml), context: null, NoEnvironment));
    }

    /// <summary>Loads the connection without creating a client.</summary>
    public static SocketsHttpHandler Handler(KubernetesConnection connection, ClientCertificate? certificate)
    {
        var handler = new SocketsHttpHandler();
        connection.Endpoint.Configure(handler, certificate);
        return handler;
    }

    public static ClusterClient Client(ScriptedApi api, ScriptedTime? time = null, ClusterClientOptions? options = null) =>
        Client(Load(Yaml(api.Address)), time, options);

    public static ClusterClient Client(KubernetesConnection connection, ScriptedTime? time = null, ClusterClientOptions? options = null) =>
        new(connection, time ?? new ScriptedTime(), NullLogger<ClusterClient>.Instance, options);

    public static TValue Require<TValue, TFailure>(Result<TValue, TFailure> result)
        where TValue : class
        where TFailure : class
    {
        Assert.True(result.IsSuccess(out var value, out var failure), failure?.ToString());
        return value!;
    }
}

/// <summary>A temporary folder, deleted after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("image-updater-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string WriteScript(string name, string text)
    {
        var path = Write(name, "#!/bin/sh\n" + text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
