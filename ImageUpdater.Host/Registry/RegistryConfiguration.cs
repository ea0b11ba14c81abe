using ImageUpdater.Core;

namespace ImageUpdater.Host.Registry;

/// <summary>Reads <see cref="RegistryOptions"/> and tells every problem at once, each in one sentence.</summary>
internal static class RegistryConfiguration
{
    private static readonly string[] EndpointKeys =
    [
        nameof(EndpointOptions.CaFile), nameof(EndpointOptions.ClientCertificateFile), nameof(EndpointOptions.ClientKeyFile),
        nameof(EndpointOptions.InsecureSkipVerify), nameof(EndpointOptions.Proxy), nameof(EndpointOptions.Username),
        nameof(EndpointOptions.Password), nameof(EndpointOptions.IdentityToken), nameof(EndpointOptions.TokenHosts),
        nameof(EndpointOptions.MaxConcurrency), nameof(EndpointOptions.Timeout),
    ];

    private static readonly string[] RegistryKeys =
    [
        nameof(RegistryOptions.Host), nameof(RegistryOptions.Alias), nameof(RegistryOptions.PlainHttp), nameof(RegistryOptions.Mirrors),
        nameof(RegistryOptions.Interval), .. EndpointKeys,
    ];

    private static readonly string[] MirrorKeys = [nameof(RegistryMirror.Url), .. EndpointKeys];

    public static Result<RegistryOptions[], string[]> Read(IConfiguration configuration)
    {
        var registries = new List<(string Label, RegistryOptions Options)>();
        var problems = new List<string>();

        // One by one: bound as a list, an entry with a value of the wrong type would be left out without a word.
        foreach (var section in configuration.GetSection(RegistryOptions.Section).GetChildren())
        {
            var options = Bind<RegistryOptions>(section, RegistryKeys, problems);
            var mirrors = List(section, nameof(RegistryOptions.Mirrors), problems).Select(child => Bind<RegistryMirror>(child, MirrorKeys, problems)).ToArray();
            registries.Add((section.Path, mirrors.Length == 0 ? options : options with { Mirrors = mirrors }));
        }

        problems.AddRange(RegistryProblems.Of(registries));
        if (problems.Count > 0)
            return problems.ToArray();
        return registries.Select(registry => registry.Options).ToArray();
    }

    private static T Bind<T>(IConfigurationSection section, string[] keys, List<string> problems)
        where T : EndpointOptions, new()
    {
        problems.AddRange(section.GetChildren()
            .Where(child => !keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{section.Path}: '{OutsideText.Bound(child.Key)}' is not an option; there are {string.Join(", ", keys)}."));
        _ = List(section, nameof(EndpointOptions.TokenHosts), problems);
        try
        {
            return section.Get<T>() ?? new T();
        }
        catch (InvalidOperationException exception)
        {
            // The binder names the key and the value that it could not read. Secrets are text, which it always can.
            problems.Add(OutsideText.Bound(exception.Message));
            return Text<T>(section);
        }
    }

    // What names the entry stays, so that the other problems are told of it and not of its absence.
    private static T Text<T>(IConfigurationSection section)
        where T : EndpointOptions, new() => new T() switch
        {
            RegistryOptions registry => (T)(EndpointOptions)(registry with { Host = section[nameof(RegistryOptions.Host)] ?? "" }),
            RegistryMirror mirror => (T)(EndpointOptions)(mirror with { Url = section[nameof(RegistryMirror.Url)] ?? "" }),
            var other => other,
        };

    private static IEnumerable<IConfigurationSection> List(IConfigurationSection section, string key, List<string> problems)
    {
        var list = section.GetSection(key);
        if (!string.IsNullOrEmpty(list.Value))
            problems.Add($"{list.Path} is a list: number its entries, as in {list.Path.Replace(":", "__", StringComparison.Ordinal)}__0.");
        return list.GetChildren();
    }
}
