namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>The <c>docker</c> command, for what Testcontainers does not support: import, save, push, build.</summary>
/// <param name="engine">Address of the engine; overrides the environment.</param>
internal sealed class DockerCli(Uri engine)
{
    public Task<string> RunAsync(params IReadOnlyList<string> arguments) => Command.RunAsync("docker", ["--host", engine.OriginalString, .. arguments]);

    public Task<(int Code, string Said)> TryAsync(params IReadOnlyList<string> arguments) => Command.TryAsync("docker", ["--host", engine.OriginalString, .. arguments]);

    // Debian's docker has BuildKit, but only uses it with this setting.
    public Task<(int Code, string Said)> BuildAsync(string image, string context) =>
        Command.TryAsync("env", "DOCKER_BUILDKIT=1", "docker", "--host", engine.OriginalString, "build", "--tag", image, context);

    public async Task<bool> HasImageAsync(string image) => (await TryAsync("image", "inspect", image)).Code == 0;
}
