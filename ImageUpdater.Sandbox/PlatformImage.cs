namespace ImageUpdater.Sandbox;

/// <summary>One image of an index.</summary>
/// <param name="Platform">For instance <c>linux/amd64</c> or <c>linux/arm/v7</c>.</param>
/// <param name="Content">Another content is another digest.</param>
public sealed record PlatformImage(string Platform, string Content);
