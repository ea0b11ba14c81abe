namespace ImageUpdater.Sandbox.Registry;

internal enum RegistryPart
{
    Base,
    Catalog,
    Tags,
    Manifests,
    Blobs,
    Uploads,
}

/// <summary>What a path under /v2/ names. Repository names have slashes in them, so it is read from its end.</summary>
internal sealed record RegistryTarget(RegistryPart Part, string Repository, string Reference)
{
    public static RegistryTarget? Parse(string path)
    {
        if (path is "/v2" or "/v2/") return new RegistryTarget(RegistryPart.Base, "", "");
        string[] parts = path.Trim('/').Split('/');
        return parts switch
        {
            ["v2", "_catalog"] => new RegistryTarget(RegistryPart.Catalog, "", ""),
            ["v2", .. var name, "tags", "list"] when name.Length > 0 => Make(RegistryPart.Tags, name, ""),
            ["v2", .. var name, "manifests", var reference] when name.Length > 0 => Make(RegistryPart.Manifests, name, reference),
            ["v2", .. var name, "blobs", "uploads"] when name.Length > 0 => Make(RegistryPart.Uploads, name, ""),
            ["v2", .. var name, "blobs", "uploads", var id] when name.Length > 0 => Make(RegistryPart.Uploads, name, id),
            ["v2", .. var name, "blobs", var digest] when name.Length > 0 => Make(RegistryPart.Blobs, name, digest),
            _ => null,
        };
    }

    private static RegistryTarget Make(RegistryPart part, string[] name, string reference) => new(part, string.Join('/', name), reference);
}
