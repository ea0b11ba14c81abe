using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// The kubelet's own <c>CredentialProviderConfig</c>: the file of <c>--image-credential-provider-config</c>, or a folder of such files, and
/// the folder of <c>--image-credential-provider-bin-dir</c>. What the kubelet refuses is a problem, reported with all others.
/// </summary>
/// <param name="Warnings">Messages about unknown keys.</param>
internal sealed record CredentialPluginConfig(IReadOnlyList<CredentialPlugin> Plugins, IReadOnlyList<string> Warnings)
{
    public static readonly CredentialPluginConfig None = new([], []);

    private static readonly string[] Versions = ["v1", "v1beta1", "v1alpha1"];

    public static Result<CredentialPluginConfig, string[]> Read(string path, string folder)
    {
        string[] files = [path];
        if (Directory.Exists(path))
        {
            if (!LocalFile.List(path).IsSuccess(out var found, out var unlisted))
                return new[] { $"CredentialProviders:Config {unlisted.Message}." };
            files = [.. found.Where(file => Path.GetExtension(file) is ".json" or ".yaml" or ".yml").Order(StringComparer.Ordinal)];
        }

        if (files.Length == 0)
            return new[] { $"CredentialProviders:Config '{UntrustedText.Bound(path)}': no .json, .yaml or .yml file in this folder." };

        var read = files.Select(file => ReadFile(file, folder)).ToArray();
        var plugins = read.SelectMany(config => config.Value?.Plugins ?? []).ToArray();
        var problems = read.SelectMany(config => config.Failure ?? []).Concat(Twice(plugins, $"CredentialProviders:Config '{UntrustedText.Bound(path)}'")).ToArray();
        return problems.Length > 0 ? problems : new CredentialPluginConfig(plugins, [.. read.SelectMany(config => config.Value!.Warnings)]);
    }

    private static Result<CredentialPluginConfig, string[]> ReadFile(string path, string folder)
    {
        var name = UntrustedText.Bound(path);
        return LocalFile.ReadText(path).IsSuccess(out var text, out var unread)
            ? Parse(text, name, folder)
            : new[] { $"CredentialProviders:Config {unread.Message}." };
    }

    private static IEnumerable<string> Twice(IEnumerable<CredentialPlugin> plugins, string where) => plugins
        .GroupBy(plugin => plugin.Name, StringComparer.Ordinal)
        .Where(same => same.Count() > 1)
        .Select(same => $"{where}: provider '{UntrustedText.Bound(same.Key)}' is listed twice.");

    /// <param name="name">The file name for messages.</param>
    public static Result<CredentialPluginConfig, string[]> Parse(string text, string name, string folder)
    {
        if (!YamlSection.Parse(text).IsSuccess(out var root, out var reason))
            return new[] { $"CredentialProviders:Config '{name}' {reason}." };

        var problems = new List<string>();
        if (root.Text("kind") != "CredentialProviderConfig" || !IsVersion("kubelet.config.k8s.io", root.Text("apiVersion")))
            problems.Add("not a CredentialProviderConfig of kubelet.config.k8s.io/v1, v1beta1 or v1alpha1");
        if (!Directory.Exists(folder))
            problems.Add($"CredentialProviders:BinDir '{UntrustedText.Bound(folder)}' is not a folder");

        var plugins = root.Sections("providers").Select((section, index) => Plugin(section, $"providers[{index}]", folder, problems)).ToArray();
        if (plugins.Length == 0)
            problems.Add("providers is empty");

        if (problems.Count > 0)
            return problems.Select(problem => $"CredentialProviders:Config '{name}': {problem}.").ToArray();
        return new CredentialPluginConfig(plugins, [.. root.Remarks.Select(remark => $"{name}: {remark}.")]);
    }

    private static CredentialPlugin Plugin(YamlSection section, string where, string folder, List<string> problems)
    {
        var name = section.Text("name") ?? "";
        var program = Path.Combine(folder, name);
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny("/\\ "))
            problems.Add($"{where}.name is missing or not a file name");
        else if (Directory.Exists(folder) && !File.Exists(program))
            problems.Add($"no file '{UntrustedText.Bound(name)}' in CredentialProviders:BinDir for {where}");

        var apiVersion = section.Text("apiVersion");
        if (!IsVersion(CredentialPlugin.Group, apiVersion))
            problems.Add($"{where}.apiVersion must be {CredentialPlugin.Group}/v1, v1beta1 or v1alpha1");

        var keys = section.Texts("matchImages").Select(text => (text, key: CredentialKey.Parse(text))).ToArray();
        if (keys.Length == 0)
            problems.Add($"{where}.matchImages is missing");
        foreach (var (text, _) in keys.Where(pair => pair.key is null))
            problems.Add($"invalid pattern '{UntrustedText.Bound(text)}' in {where}.matchImages");

        var duration = GoDuration.Parse(section.Text("defaultCacheDuration"));
        if (duration is null)
            problems.Add($"{where}.defaultCacheDuration is missing or invalid; use for example 12h");

        var environment = section.Sections("env").Select(entry => KeyValuePair.Create(entry.Text("name") ?? "", entry.Text("value") ?? "")).ToArray();
        if (environment.Any(entry => entry.Key.Length == 0))
            problems.Add($"{where}.env has an entry without a name");
        return new CredentialPlugin(
            name, new ExternalProgram(program, section.Texts("args"), environment), apiVersion ?? "", [.. keys.Select(pair => pair.key).OfType<CredentialKey>()],
            duration ?? TimeSpan.Zero, Unusable(section));
    }

    // The kubelet passes such a plugin a service account token that is bound to the pod. Here there is no pod.
    private static string? Unusable(YamlSection section)
    {
        var attributes = section.Section("tokenAttributes");
        attributes.SkipAll();
        return attributes.Text("serviceAccountTokenAudience") is { Length: > 0 } && attributes.Flag("requireServiceAccount")
            ? "tokenAttributes require a token of the pod, which only the kubelet has"
            : null;
    }

    private static bool IsVersion(string group, string? apiVersion) => apiVersion is not null && Versions.Any(version => apiVersion == $"{group}/{version}");
}
