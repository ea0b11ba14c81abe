namespace ImageUpdater.Reports;

/// <summary>Limits of one rendering: templates are untrusted, and models can be large.</summary>
internal sealed record RenderLimits
{
    public static readonly RenderLimits Default = new();

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of the output, and of any text that an expression makes.</summary>
    public int Characters { get; init; } = 16 * 1024 * 1024;

    /// <summary>Of a loop and all loops in it together.</summary>
    public int Iterations { get; init; } = 1_000_000;

    /// <summary>Functions of the template within one another.</summary>
    public int Calls { get; init; } = 50;
}
