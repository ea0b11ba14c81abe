using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>Which kubeconfig files count, by kubectl's order: the one asked for, else those that KUBECONFIG lists, else the home folder's.</summary>
internal static class KubeConfigFiles
{
    public static Result<KubeConfig, string> Read(string path, string origin)
    {
        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var failure))
            return $"kubeconfig {failure.Message} ({origin})";
        if (!KubeConfig.Parse(text, path).IsSuccess(out var config, out var reason))
            return reason;

        return config.IsEmpty ? $"kubeconfig '{path}' is empty ({origin})" : config;
    }

    /// <summary>Several files, merged. As kubectl does, one that is missing or empty is passed over when there are others.</summary>
    public static Result<KubeConfig, string> ReadList(string list)
    {
        var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (paths is [var only])
            return Read(only, "named by KUBECONFIG");

        var files = new List<KubeConfig>();
        foreach (var path in paths)
        {
            if (!LocalFile.ReadText(path).IsSuccess(out var text, out var failure))
            {
                if (failure.Missing)
                    continue;
                return $"kubeconfig {failure.Message} (named by KUBECONFIG)";
            }

            if (!KubeConfig.Parse(text, path).IsSuccess(out var config, out var reason))
                return reason;
            files.Add(config);
        }

        var merged = KubeConfig.Merge(files);
        return merged.IsEmpty ? $"all files listed in KUBECONFIG are missing or empty: {UntrustedText.Bound(list)}" : merged;
    }
}
