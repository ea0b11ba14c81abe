using System.Text;

namespace ImageUpdater.Host.Configuration;

/// <summary>docs/configuration.md, made from the definitions of the options.</summary>
internal static class OptionsDocument
{
    public static string Write()
    {
        var text = new StringBuilder(
            """
            # Configuration

            From `appsettings.json` beside the executable (section `ImageUpdater`), then the environment, then the command line; the later wins.
            This page is made from the code (`UPDATE_DOCS=1 dotnet test --filter FullyQualifiedName~OptionsDocument`); a test fails where it differs.

            - The program looks at its options once, at the start, and tells all problems at once, in one line on stderr, with exit code 1.
            - A name that is not on this page is such a problem, wherever it stands under `ImageUpdater`. Capital letters don't matter; two variables
              that differ in nothing else, and have different values, are a problem as well.
            - An empty value counts as not set. True may be written `true`, `1` or `yes`, false `false`, `0` or `no`.
            - In the environment two underscores stand between the parts of a name, and lists are numbered from 0. In `appsettings.json` these
              are objects and lists: `{ "ImageUpdater": { "Registries": [ { "Host": "127.0.0.1:5000", "PlainHttp": true } ] } }`
            - `CHECK_INTERVAL` and `AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS` are the published names of the former operator, and stay valid. Where
              both names of an option are set, the one with `ImageUpdater__` wins, wherever it is set. The chart sets it, so that the published one is without effect in `extraEnv`.
            - The chart sets most of these from its [values](chart-values.md).


            """.Replace("\r", "", StringComparison.Ordinal));
        foreach (var area in OptionsReader.Describe().Parts)
            Area(text, area, "##");
        text.Append(
            """
            ## Logging

            Log levels are set as everywhere in .NET, in the section `Logging` beside ours: `Logging__LogLevel__Default=Debug`, or for one part of the
            program `Logging__LogLevel__ImageUpdater.Registry=Debug`. The default is `Information`, and `Warning` for `Microsoft` and `Quartz`;
            what is set wins over `--verbose`. A level that is none is a problem at the start, too.

            - Each decision that is another than before, and each thing done, is an audit record and one line. Those about a plan or a rollout carry
              `PlanId` and `RolloutId`.
            - A cycle that finds nothing new is a debug message. Once an hour a line sums the cycles up, so that silence is no riddle.
            - A warning is logged when it is new, and when it has not come for two hours and two intervals. A cycle that fails is logged when it begins
              to fail, once an hour meanwhile, and when it works again.

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
