using System.Diagnostics;
using ImageUpdater.Host.Commands;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class StateTests : IDisposable
{
    // Never contacted: the store is opened first.
    private const string NoCluster = "{ current-context: a, contexts: [ { name: a, context: { cluster: c } } ], clusters: [ { name: c, cluster: { server: 'http://127.0.0.1:1' } } ] }";

    private readonly TestFolder folder = new();

    private string State => Path.Combine(folder.Path, "state.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Plan_FolderCannotBeMade_SaysSo()
    {
        var file = folder.Write("file", "");

        var message = Message.Of(await PlanAsync(Path.Combine(file, "state.db")));

        Assert.StartsWith($"the folder {file} does not exist and can't be created: ", message);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("report")]
    public async Task Command_PathIsAFolder_SaysSoAndLeavesNothing(string command)
    {
        Message.Of(await RunAsync(command, folder.Path), $"state store {folder.Path} is a folder; use the path of a file");
        Message.Of(await RunAsync(command, "/"), "state store / is a folder; use the path of a file");
        Assert.False(File.Exists($"{folder.Path}.lock"));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("history")]
    public async Task Command_NotADatabase_SaysSoAndLeavesTheFile(string command)
    {
        folder.Write("state.db", "dear diary, today nothing was restarted");

        Message.Of(await RunAsync(command, State), $"{State} is not a state store: it is not an SQLite database");

        Assert.Equal("dear diary, today nothing was restarted", await File.ReadAllTextAsync(State));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("history")]
    [InlineData("report")]
    public async Task Command_NewerVersion_SaysWhatToDo(string command)
    {
        await using (await EmptyStore.OpenAsync(State))
        {
        }

        Execute("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_FromTheFuture', '99.0.0')");

        Message.Of(await RunAsync(command, State), $"{State} was written by a newer version of image-updater", "run that version");
    }

    [Theory]
    [InlineData("history")]
    [InlineData("report")]
    public async Task Command_NoStateYet_SaysWhatToDo(string command) =>
        Message.Of(await RunAsync(command, State), $"no state at {State} yet; run image-updater run or image-updater plan first");

    [Fact]
    public async Task Plan_AnotherProcessWrites_SaysWhich()
    {
        await using var held = await EmptyStore.OpenAsync(State);

        Message.Of(await PlanAsync(State), $"{State} is in use by {EmptyStore.Holder}", "stop the other one first");
    }

    [Fact]
    public async Task Plan_ReadOnlyVolume_SaysSo()
    {
        var mount = Path.Combine(folder.Path, "volume");
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(await ExecuteAsync("mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", mount), "needs a user who may mount");
        try
        {
            Message.Of(await PlanAsync(Path.Combine(mount, "state.db")), "can't be written: its volume is mounted read-only");
        }
        finally
        {
            await ExecuteAsync("umount", "--lazy", mount);
        }
    }

    /// <summary>Root can write to any file, so as root the program is started as nobody.</summary>
    [Theory]
    [InlineData("state.db", "state.db can't be written: nothing is applied until it can; check its permissions")]
    [InlineData("", "state.db.lock can't be written: permission denied; check the permissions of the file and its folder")]
    public async Task Plan_NoPermission_SaysSo(string what, string message)
    {
        string[] nobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["env"];
        string[] host = HostProcess.Published is { } published ? [published] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Host.dll")];
        Assert.SkipUnless(await ExecuteAsync(nobody[0], [.. nobody[1..], "test", "-r", host[^1]]), "others may not read the program that is tested");
        if (what.Length > 0)
            await (await EmptyStore.OpenAsync(State)).DisposeAsync();
        var kubeconfig = folder.Write("config", NoCluster);
        await Command.RunAsync("chmod", "-R", "a+rwX", folder.Path);
        await Command.RunAsync("chmod", "a-w", Path.Combine(folder.Path, what));

        var (code, said) = await Command.TryAsync(nobody[0], [.. nobody[1..], .. host, "--kubeconfig", kubeconfig, "--state", State, "plan"]);
        await Command.RunAsync("chmod", "u+w", folder.Path);

        Assert.Equal(CommandLine.Error, code);
        Assert.Contains(message, said);
    }

    /// <summary>The message is the first line; the stack trace follows only if it was requested.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task History_StoreBreaksWhileItIsRead_TraceIsForVerboseOnly(bool verbose)
    {
        await using (await EmptyStore.OpenAsync(State))
        {
        }

        Execute("DROP TABLE audit");

        var result = await InProcess.RunAsync(["--state", State, "history", .. verbose ? (string[])["--verbose"] : []]);

        Assert.True(result.ExitCode == CommandLine.Error, result.ToString());
        Assert.StartsWith("image-updater: ", result.Errors);
        Assert.Equal(verbose, result.Errors.Contains("   at "));
        Assert.Equal(verbose, result.Errors.TrimEnd('\n').Contains('\n'));
    }

    private static async Task<bool> ExecuteAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={State};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private Task<HostResult> PlanAsync(string state) => RunAsync("plan", state);

    private Task<HostResult> RunAsync(string command, string state) =>
        InProcess.RunAsync("--kubeconfig", folder.Write("config", NoCluster), "--state", state, command);
}

/// <summary>A store in this process, to write test data.</summary>
internal static class EmptyStore
{
    public const string Holder = "the test";

    public static async Task<StateStore> OpenAsync(string path)
    {
        var opened = await StateStore.OpenAsync(new StateStoreOptions { Path = path, Holder = Holder }, TimeProvider.System, CancellationToken.None);
        Assert.True(opened.IsSuccess(out var store, out var refusal), refusal?.Message);
        return store!;
    }
}
