using System.Diagnostics;

namespace ImageUpdater.IntegrationTests.Parts;

internal static class Skopeo
{
    /// <summary>Skips the running test if skopeo is missing, or fails it if <c>registry</c> is required.</summary>
    public static void Require()
    {
        if (Requirement.Find("skopeo") is null)
            Requirement.Skip("registry", "skopeo is not installed (Debian: apt-get install skopeo)");
    }

    /// <summary>Pushes all platforms of a layout, with unchanged manifests.</summary>
    /// <param name="image">With registry: <c>127.0.0.1:5000/team/app:latest</c>.</param>
    /// <c>user:password</c>.
    public static async Task PushAsync(OciLayout layout, string image, string? credentials = null)
    {
        Require();
        List<string> arguments =
        [
            "copy", "--all", "--preserve-digests", "--insecure-policy", "--quiet", "--dest-tls-verify=false",
            $"oci:{layout.Folder}", $"docker://{image}",
        ];
        if (credentials is not null)
            arguments.Insert(1, $"--dest-creds={credentials}");
        using var skopeo = Process.Start(new ProcessStartInfo("skopeo", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = await skopeo.StandardError.ReadToEndAsync();
        await skopeo.WaitForExitAsync();
        Assert.True(skopeo.ExitCode == 0, $"skopeo copy to {image} failed: {errors}");
    }
}
