namespace ImageUpdater.Core.Images;

/// <summary>Whether what a runtime reports stands for a manifest that was asked for (reference: the imageID of containerd, CRI-O, cri-dockerd).</summary>
public static class ManifestMatch
{
    /// <param name="expectedManifest">Null where the content is not known: then only the digest itself matches.</param>
    /// <param name="known">Other manifests whose content is known, for their configs and for older indexes that share a child.</param>
    public static bool Stands(Digest reported, Digest expected, Manifest? expectedManifest, Func<Digest, Manifest?> known)
    {
        if (reported == expected)
            return true;
        if (expectedManifest is null)
            return false;
        if (reported == expectedManifest.Config)
            return true;

        return expectedManifest.Children?.Any(child => child.Digest == reported || known(child.Digest)?.Config == reported) ?? false;
    }
}
