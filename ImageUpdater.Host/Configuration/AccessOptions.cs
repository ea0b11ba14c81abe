using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Configuration;

/// <summary>Options for registry access and credentials.</summary>
internal sealed class AccessOptions
{
    public AccessOptions(OptionSource source)
    {
        ReadPullSecrets = source.Read(
            "ReadPullSecrets", OptionKinds.Flag, "true", "Read the pull secrets of workloads, and the service accounts that name them.");
        PullSecretNamespaces = source.ReadOrNone(
            "PullSecretNamespaces", OptionKinds.Namespaces, "all", "Namespaces whose pull secrets and service accounts are read.") ?? [];

        var own = RegistryConfiguration.Read(source);
        var path = source.ReadOrNone(
            "RegistriesFile", OptionKinds.Text("path"), "none", "A `registries.yaml` of K3s or RKE2, [used unchanged](registries.md#k3ss-registriesyaml).");
        var mirrorsOnly = source.Read(
            "DisableDefaultRegistryEndpoint", OptionKinds.Flag, "false", "Same as K3s's `--disable-default-registry-endpoint`: query only the mirrors of registries that have mirrors in `RegistriesFile`.");
        if (mirrorsOnly && path is null)
            source.Problem("ImageUpdater__DisableDefaultRegistryEndpoint requires ImageUpdater__RegistriesFile; set both");
        var file = FileOf(source, path, mirrorsOnly);
        var plugins = PluginsOf(source);
        Registries = RegistriesFile.Merge(own, file.Registries);
        CredentialPlugins = plugins.Plugins;
        Warnings = [.. file.Warnings, .. plugins.Warnings];
    }

    public bool ReadPullSecrets { get; }

    /// <summary>Empty for all namespaces.</summary>
    public IReadOnlyList<string> PullSecretNamespaces { get; }

    /// <summary>Registries with their own settings, including those of <c>RegistriesFile</c>.</summary>
    public IReadOnlyList<RegistryOptions> Registries { get; }

    /// <summary>The kubelet's credential plugins.</summary>
    public IReadOnlyList<CredentialPlugin> CredentialPlugins { get; }

    /// <summary>What was ignored in the files of other programs, as messages for the user. Not fatal.</summary>
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
            "Config", OptionKinds.Text("path"), "none", "The kubelet's `CredentialProviderConfig` file, or a folder of them: its [plugins](registries.md#credential-plugins) are run for credentials.");
        var folder = section.ReadOrNone("BinDir", OptionKinds.Text("path"), "none", "The folder with the plugins' executables. Required with `Config`.");
        if (config is null && folder is null)
            return CredentialPluginConfig.None;

        if (config is null || folder is null)
        {
            source.Problem("ImageUpdater__CredentialProviders__Config and ImageUpdater__CredentialProviders__BinDir must be set together");
            return CredentialPluginConfig.None;
        }

        if (CredentialPluginConfig.Read(config, folder).IsSuccess(out var plugins, out var problems))
            return plugins;

        foreach (var problem in problems)
            source.Problem(problem);
        return CredentialPluginConfig.None;
    }
}
