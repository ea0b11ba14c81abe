namespace ImageUpdater.Core.Images;

/// <summary>What a manifest in an index is built for, in the terms of the OCI image index: <c>linux/arm/v7</c>.</summary>
public sealed record Platform(string Os, string Architecture, string? Variant = null) : IComparable<Platform>
{
    /// <summary>
    /// Whether a node of this platform may run the manifests of the other. Nodes do not report a variant, so every variant of an
    /// architecture matches: an unneeded restart is better than a missed update.
    /// </summary>
    public bool MayRun(Platform manifest) => IsSameOs(manifest) && Normal(Architecture) == Normal(manifest.Architecture);

    /// <summary>
    /// Whether a node of this platform runs manifests of the other if the index has none for the node's architecture,
    /// as containerd chooses: 32-bit programs on a 64-bit processor, for example linux/arm/v7 on a Raspberry Pi's arm64.
    /// </summary>
    public bool FallsBackTo(Platform manifest) => IsSameOs(manifest) && (Normal(Architecture), Normal(manifest.Architecture)) is
        ("amd64", "386") or ("arm64", "arm");

    public int CompareTo(Platform? other) => string.CompareOrdinal(ToString(), other?.ToString());

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    private bool IsSameOs(Platform manifest) => string.Equals(Os, manifest.Os, StringComparison.OrdinalIgnoreCase);

    // Indexes made by hand use the kernel's names now and then; runtimes read them, too.
    private static string Normal(string architecture) => architecture.ToLowerInvariant() switch
    {
        "x86_64" or "x86-64" => "amd64",
        "i386" => "386",
        "aarch64" => "arm64",
        "armhf" or "armel" => "arm",
        var normal => normal,
    };
}
