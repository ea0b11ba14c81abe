using System.Runtime.CompilerServices;

namespace ImageUpdater.UnitTests.Reports;

/// <summary>Compares output with a file under TestData. UPDATE_GOLDEN=1 writes the file instead; review the diff before committing it.</summary>
internal static class Golden
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine("TestData", "reports", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            var source = Path.Combine(Path.GetDirectoryName(caller)!, "..", path);
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);
            File.WriteAllText(source, actual);
            return;
        }

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, path)), actual);
    }
}
