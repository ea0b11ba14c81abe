using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Configuration;

/// <summary>How registries are reached, and with which credentials.</summary>
internal sealed class AccessOptions
{
    public AccessOptions(OptionSource source)
    {
        ReadPullSecrets = source.Read(
            "ReadPullSecrets", OptionKinds.Flag, "true", "Read the pull secrets of workloads, and the service accounts that name them.");
        PullSecretNamespaces = source.ReadOrNone(
            "PullSecretNamespaces", OptionKinds.Namespaces, "all", "Pull secrets and service accounts are read in these only.") ?? [];

        var own = RegistryConfiguration.Read(source);
        var path = source.ReadOrNone(
            "RegistriesFile", OptionKinds.Text("path"), "none", "A `registries.yaml` of K3s or RKE2, which is [read as it is](registries.md#k3ss-registriesyaml).");
        var mirrorsOnly = source.Read(
            "DisableDefaultRegistryEndpoint", OptionKinds.Flag, "false", "As the option of K3s: registries with mirrors in `RegistriesFile` are asked at these only.");
        if (mirrorsOnly && path is null)
            source.Problem("ImageUpdater__DisableDefaultRegistryEndpoint is about the mirrors in a RegistriesFile: set that too");
        var file = FileOf(source, path, mirrorsOnly);
        var plugins = PluginsOf(source);
        Registries = RegistriesFile.Merge(own, file.Registries);
        CredentialPlugins = plugins.Plugins;
        Warnings = [.. file.Warnings, .. plugins.Warnings];
    }

    public bool ReadPullSecrets { get; }

    /// <summary>Empty for all: wherever there are workloads.</summary>
    public IReadOnlyList<string> PullSecretNamespaces { get; }

    /// <summary>The registries that need something said about them, those of <c>RegistriesFile</c> included.</summary>
    public IReadOnlyList<RegistryOptions> Registries { get; }

    /// <summary>The kubelet's.</summary>
    public IReadOnlyList<CredentialPlugin> CredentialPlugins { get; }

    /// <summary>What was passed over in the files of other programs: sentences for the user, no reason to stop.</summary>
    public IReadOnlyList<string> Warnings { get; }

    private static RegistriesFile FileOf(OptionSource source, string? path, bool mirrorsOnly)
    {
        if (path is null)
            return new RegistriesFile([], []);
        if (RegistriesFile.Read(path, mirrorsOnly).IsSuccess(out var file, out var problems))
            return file;

        foreach (var problem in problems)
            source.Problem(problem);
        return new RegistriesFile([], []);
    }

    private static CredentialPluginConfig PluginsOf(OptionSource source)
    {
        var section = source.Section("CredentialProviders");
        var config = section.ReadOrNone(
            "Config", OptionKinds.Text("path"), "none", "The kubelet's `CredentialProviderConfig` file, or a folder of such files: its [plugins](registries.md#credential-plugins) are asked for credentials.");
        var folder = section.ReadOrNone("BinDir", OptionKinds.Text("path"), "none", "The folder of these plugins. Given together with `Config`.");
        if (config is null && folder is null)
            return CredentialPluginConfig.None;

        if (config is null || folder is null)
        {
            source.Problem("ImageUpdater__CredentialProviders__Config and ImageUpdater__CredentialProviders__BinDir are given together or not at all");
            return CredentialPluginConfig.None;
        }

        if (CredentialPluginConfig.Read(config, folder).IsSuccess(out var plugins, out var problems))
            return plugins;

        foreach (var problem in problems)
            source.Problem(problem);
        return CredentialPluginConfig.None;
    }
}
