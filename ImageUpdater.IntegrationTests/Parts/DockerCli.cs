namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>The <c>docker</c> command, for what Testcontainers has no call for: import, save, push, build.</summary>
/// <param name="engine">Address of the engine that it talks to, whatever the environment says.</param>
internal sealed class DockerCli(Uri engine)
{
    public Task<string> RunAsync(params IReadOnlyList<string> arguments) => Command.RunAsync("docker", ["--host", engine.OriginalString, .. arguments]);

    public Task<(int Code, string Said)> TryAsync(params IReadOnlyList<string> arguments) => Command.TryAsync("docker", ["--host", engine.OriginalString, .. arguments]);

    // Debian's command has BuildKit and does not use it unless it is told.
    public Task<(int Code, string Said)> BuildAsync(string image, string context) =>
        Command.TryAsync("env", "DOCKER_BUILDKIT=1", "docker", "--host", engine.OriginalString, "build", "--tag", image, context);

    public async Task<bool> HasImageAsync(string image) => (await TryAsync("image", "inspect", image)).Code == 0;
}
