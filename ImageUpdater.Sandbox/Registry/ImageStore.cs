using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>All that one registry holds. Blobs are shared by its repositories.</summary>
internal sealed class ImageStore
{
    private readonly ConcurrentDictionary<string, Repository> repositories = new();

    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> Blobs { get; } = new();

    public IEnumerable<string> RepositoryNames => repositories.Keys.Order(StringComparer.Ordinal);

    public Repository? Find(string name) => repositories.GetValueOrDefault(name);

    public Repository Open(string name) => repositories.GetOrAdd(name, _ => new Repository());

    public Manifest? Find(string repository, string reference) => Find(repository)?.Find(reference);
}
