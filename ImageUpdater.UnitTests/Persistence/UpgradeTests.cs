using ImageUpdater.Persistence;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>
/// Stores of unreleased schemas, written by the programs of that time: TestData/Stores has the first and the last schema before
/// the migration of the first release.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public static TheoryData<string> Fixtures => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "ImageUpdater.UnitTests/TestData/Stores"), "*.sqlite").Order(StringComparer.Ordinal)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Fixtures))]
    public async Task Open_StoreOfAnUnreleasedVersion_SaysWhatToDoAndLeavesTheFile(string fixture)
    {
        File.Copy(fixture, folder.StorePath);
        var before = await File.ReadAllBytesAsync(folder.StorePath);

        foreach (var access in Enum.GetValues<StateStoreAccess>())
        {
            var refusal = await folder.RefusalAsync(access);
            Assert.Equal(StateStoreProblem.UnreleasedSchema, refusal.Kind);
            Assert.Equal(
                $"{folder.StorePath} was written by an unreleased version of image-updater, which is not supported; move the file away and start again (only the history is lost)",
                refusal.Message);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.StorePath));
    }
}
