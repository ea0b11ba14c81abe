using System.Formats.Tar;
using System.Text;
using System.Text.RegularExpressions;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Images made from this machine's programs, so that none must be pulled.</summary>
internal sealed partial class LocalImages(DockerCli docker) : IAsyncDisposable
{
    private readonly List<string> made = [];

    /// <summary>Debian's busybox-static. Sleeps by default.</summary>
    /// <param name="content">Different content gives a different image.</param>
    public Task ImportBusyboxAsync(string image, string content = "") =>
        ImportAsync(image, "busybox", ["sh", "echo", "sleep", "wget"], content, "--change", """CMD ["sleep", "86400"]""");

    /// <summary>Debian's docker-registry.</summary>
    public Task ImportRegistryAsync(string image) => ImportAsync(image, "docker-registry", links: [], content: "");

    /// <summary>Copies the libraries under all their names.</summary>
    public async ValueTask DisposeAsync()
    {
        if (made.Count > 0)
            await docker.TryAsync(["image", "rm", "--force", .. made]);
    }

    private async Task ImportAsync(string image, string program, string[] links, string content, params string[] changes)
    {
        if (Requirement.Find(program) is not { } path)
        {
            Requirement.Skip("docker", $"{program} is not installed (Debian: apt-get install busybox-static docker-registry)");
            return;
        }

        var archive = Path.GetTempFileName();
        try
        {
            await using (var tar = new TarWriter(File.Create(archive)))
            {
                await tar.WriteEntryAsync(path, $"bin/{program}");
                foreach (var library in await LibrariesAsync(path))
                    await tar.WriteEntryAsync(new FileInfo(library).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? library, library[1..]);
                foreach (var link in links)
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{link}") { LinkName = program });
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "content.txt") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }

            made.Add(await docker.RunAsync(["import", .. changes, archive, image]));
        }
        finally
        {
            File.Delete(archive);
        }
    }

    // For a static program, ldd exits with code 1.
    private static async Task<IEnumerable<string>> LibrariesAsync(string program) =>
        await Command.TryAsync("ldd", program) is (0, var said) ? AbsolutePath().Matches(said).Select(match => match.Value) : [];

    [GeneratedRegex(@"(?<=\s)/\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AbsolutePath();
}
