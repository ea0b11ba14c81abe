namespace ImageUpdater.Host.Commands;

/// <summary>The formats of the commands that read. Each command has some of them.</summary>
internal enum OutputFormat
{
    /// <summary>For people: colours, local times and ages on a terminal.</summary>
    Text,

    /// <summary>Text with more columns, and with digests in full.</summary>
    Wide,

    Json,
    Yaml,
    Markdown,
    Html,
}
