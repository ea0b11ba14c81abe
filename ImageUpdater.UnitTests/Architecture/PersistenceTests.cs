using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Store;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Architecture;

/// <summary>A second store must not have to repeat a rule or a message: they are in Core, and a store loads, calls and saves.</summary>
public sealed class PersistenceTests
{
    private static readonly string[] Rules = [nameof(AuditRecords), nameof(DecisionJournal), nameof(Quarantine), nameof(Planner), nameof(RolloutEnd) + "..ctor"];

    [Fact]
    public void Persistence_Compiled_CallsNoRuleButThoseOfAStateChange()
    {
        using var file = new PEReader(File.OpenRead(typeof(StateStore).Assembly.Location));
        var metadata = file.GetMetadataReader();

        var called = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => (Type: metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name), Member: metadata.GetString(member.Name)))
            .ToList();

        Assert.Contains(called, member => member.Type == "RolloutChanges");
        Assert.DoesNotContain(called, member => Rules.Contains(member.Type) || Rules.Contains($"{member.Type}.{member.Member}"));
    }

    // The other folders have messages about the file, its volume and its locks, which are the store's own.
    [Fact]
    public void Literals_WhereRowsAreReadAndWritten_AreNoSentences()
    {
        var folder = Path.Combine(Repository.Root, "ImageUpdater.Persistence");
        string[] files = [.. Directory.GetFiles(Path.Combine(folder, "Roles")), Path.Combine(folder, "Upkeep", "Retention.cs")];

        var sentences = files.SelectMany(File.ReadLines)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Where(line => line.Split('"').Where((_, index) => index % 2 == 1).Any(literal => literal.Contains(' ', StringComparison.Ordinal)));

        Assert.True(files.Length > 5);
        Assert.Equal([], sentences);
    }
}
