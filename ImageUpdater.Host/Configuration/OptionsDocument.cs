using System.Text;

namespace ImageUpdater.Host.Configuration;

/// <summary>Writes docs/configuration.md from the definitions of the options.</summary>
internal static class OptionsDocument
{
    public static string Write()
    {
        var text = new StringBuilder(
            """
            # Configuration

            Options are read from `appsettings.json` next to the executable (section `ImageUpdater`), then the environment, then the command line; later
            ones override earlier ones.
            This page is generated from the code (`UPDATE_DOCS=1 dotnet test --filter FullyQualifiedName~OptionsDocument`); a test fails if it is out of date.

            - Options are validated at startup. All problems are reported at once, in one line on stderr, with exit code 1.
            - An unknown name anywhere under `ImageUpdater` is an error. Names are case-insensitive; two variables whose names differ only in case,
              with different values, are an error too.
            - An empty value counts as not set. Booleans are `true`, `1` or `yes`, and `false`, `0` or `no`.
            - In the environment, the parts of a name are separated by two underscores, and list entries are numbered from 0. In `appsettings.json`
              they are objects and lists: `{ "ImageUpdater": { "Registries": [ { "Host": "127.0.0.1:5000", "PlainHttp": true } ] } }`
            - `CHECK_INTERVAL` and `AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS` are the former operator's names, which stay valid. If both
              names of an option are set, the one with `ImageUpdater__` wins, regardless of the source. The chart sets it, so the former name has no
              effect in `extraEnv`.
            - The chart sets most options from its [values](chart-values.md).


            """.Replace("\r", "", StringComparison.Ordinal));
        foreach (var area in OptionsReader.Describe().Parts)
            Area(text, area, "##");
        text.Append(
            """
            ## Logging

            Log levels are set as in any .NET program, in the section `Logging`: `Logging__LogLevel__Default=Debug`, or for one category
            `Logging__LogLevel__ImageUpdater.Registry=Debug`. The default is `Information`, and `Warning` for `Microsoft` and `Quartz`.
            A configured level overrides `--verbose`. An invalid level is an error at startup.

            - Each changed decision and each action is an audit record and one log line; the adoptions of a plan share one. See [the log](operations.md#the-log).
            - A cycle that finds nothing new is logged at debug level. A summary of the cycles is logged once an hour.
            - A warning is logged when it is new, and when it has not occurred for two hours and two check intervals. A failing cycle is logged when it
              starts to fail, once an hour while it fails, and when cycles succeed again.

            """);
        return text.ToString();
    }

    private static void Area(StringBuilder text, OptionSource area, string heading)
    {
        text.Append($"{heading} {area.Title}\n\n");
        if (area.Intro.Length > 0)
            text.Append($"{area.Intro}\n\n");
        text.Append("| key | environment | default | unit and limits | meaning |\n|---|---|---|---|---|\n");
        foreach (var option in area.Definitions)
        {
            var names = option.Published is { } published ? $"`{option.Environment}`, `{published}`" : $"`{option.Environment}`";
            text.Append($"| `{option.Path[(area.Path.Length + 1)..]}` | {names} | {option.Default} | {option.Limits} | {option.Meaning} |\n");
        }

        text.Append('\n');
        foreach (var part in area.Parts)
            Area(text, part, heading + "#");
    }
}
