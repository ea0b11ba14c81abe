using System.Diagnostics;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class CompletionTests : IAsyncLifetime
{
    private World world = null!;

    public async ValueTask InitializeAsync()
    {
        world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        foreach (var (name, @namespace) in new[] { ("web", "shop"), ("worker", "shop"), ("wiki", "docs") })
            world.Sandbox!.Apply(Manifests.Deployment(name, ("app", world.Image("app"))).In(@namespace).Enabled());
    }

    public async ValueTask DisposeAsync() => await world.DisposeAsync();

    [Theory]
    [InlineData("pl", "plan")]
    [InlineData("state f", "forget")]
    [InlineData("plan --det", "--detailed-exitcode")]
    [InlineData("plan --output y", "yaml")]
    [InlineData("plan -n ", "docs shop")]
    [InlineData("explain deployment/w", "deployment/web deployment/wiki deployment/worker")]
    [InlineData("explain -n docs ", "deployment/wiki")]
    [InlineData("history -n shop deployment/wo", "deployment/worker")]
    [InlineData("explain shop/deployment/we", "shop/deployment/web")]
    [InlineData("apply --out", "")]
    public async Task Complete_Line_PrintsWhatMayStandAtTheCursor(string line, string expected)
    {
        var result = await CompleteAsync($"image-updater {line}");

        Assert.True(result.ExitCode == 0, result.ToString());
        var words = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), words);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task Complete_ClusterIsDown_PrintsWhatTheStoreKnows()
    {
        Assert.Equal(0, (await InProcess.RunAsync(world.HostEnvironment, ["--kubeconfig", world.Kubeconfig, "--state", world.State, "plan"])).ExitCode);
        world.Sandbox!.Faults.Add(new ClusterFault { CutBefore = true });

        var result = await CompleteAsync("image-updater history deployment/we");

        Assert.Equal("deployment/web\n", result.Output);
    }

    [Fact]
    public async Task Script_InBash_CompletesAWorkload()
    {
        var script = await InProcess.RunAsync("completion", "bash");
        Assert.True(script.ExitCode == 0, script.ToString());
        // On a busy machine the cluster's answer may take longer than a completion waits.
        Assert.Equal(0, (await InProcess.RunAsync(world.HostEnvironment, ["--kubeconfig", world.Kubeconfig, "--state", world.State, "plan"])).ExitCode);
        // A function in place of the program on the path.
        var bash = $$"""
            image-updater() { dotnet '{{Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Host.dll")}}' "$@"; }
            {{script.Output}}
            COMP_LINE="image-updater --kubeconfig {{world.Kubeconfig}} --state {{world.State}} explain deployment/wor"; COMP_POINT=${#COMP_LINE}
            _image_updater && echo "${COMPREPLY[@]}"
            complete -p image-updater
            """;
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", bash]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal("deployment/worker\ncomplete -o default -F _image_updater image-updater\n", output);
    }

    [Theory]
    [InlineData("zsh", "compdef _image_updater image-updater")]
    [InlineData("fish", "complete --command image-updater")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName image-updater")]
    public async Task Script_OfEachShell_CallsTheProgram(string shell, string registers)
    {
        var script = await InProcess.RunAsync("completion", shell);

        Assert.Contains(registers, script.Output);
        Assert.Contains("image-updater complete --position", script.Output);
    }

    private Task<HostResult> CompleteAsync(string line)
    {
        var whole = line.Replace("image-updater ", $"image-updater --kubeconfig {world.Kubeconfig} --state {world.State} ", StringComparison.Ordinal);
        return InProcess.RunAsync(world.HostEnvironment, ["complete", "--position", $"{whole.Length}", "--", whole + " after the cursor"]);
    }
}
