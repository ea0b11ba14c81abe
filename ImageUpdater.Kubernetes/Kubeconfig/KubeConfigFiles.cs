using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>Reads and merges kubeconfig files.</summary>
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

    /// <summary>Merges the files of KUBECONFIG. As in kubectl, missing and empty files are skipped if the list has several.</summary>
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
