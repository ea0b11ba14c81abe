using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Tracking;

public sealed class RolloutStatusRulesTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var row in Tsv.Rows("rollout-status.tsv"))
            data.Add($"{row[1]}: {row[0]}", string.Join('\t', row));
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Verify_TableRow_DecidesAsKubectlDoes(string name, string row)
    {
        var cells = row.Split('\t');
        var generation = cells[2].Split('/');

        var verdict = RolloutStatusRules.Evaluate(new WorkloadSnapshot
        {
            Key = new("default", Enum.Parse<WorkloadKind>(cells[1]), "web"),
            Uid = "uid",
            ResourceVersion = "1",
            Annotations = new Dictionary<string, string>(),
            Containers = [],
            Status = new()
            {
                Generation = long.Parse(generation[0]),
                ObservedGeneration = long.Parse(generation[1]),
                Desired = int.Parse(cells[3]),
                Total = int.Parse(cells[4]),
                Updated = int.Parse(cells[5]),
                Ready = int.Parse(cells[6]),
                Available = int.Parse(cells[7]),
                ProgressDeadlineExceeded = cells[8] == "deadline",
                OnDelete = cells[8] == "ondelete",
                Partition = cells[8].StartsWith("partition=", StringComparison.Ordinal) ? int.Parse(cells[8]["partition=".Length..]) : 0,
                CurrentRevision = cells[9].Length > 0 ? cells[9] : null,
                UpdateRevision = cells[10].Length > 0 ? cells[10] : null,
            },
        });

        Assert.Equal((name, cells[11], cells[12]), (name, verdict.State.ToString(), verdict.Explanation));
    }

    [Theory]
    [InlineData(3, 3, null, false)]
    [InlineData(4, 3, null, true)]
    [InlineData(4, 3, 3L, false)]
    [InlineData(5, 3, 4L, true)]
    public void IsRolling_GenerationNotSeen_UnlessTheTemplateIsOfAnEarlierOne(long generation, long observed, long? ofTemplate, bool expected) =>
        Assert.Equal(expected, RolloutStatusRules.IsRolling(new WorkloadSnapshot
        {
            Key = new("default", WorkloadKind.Deployment, "web"),
            Uid = "uid",
            ResourceVersion = "1",
            Annotations = new Dictionary<string, string>(),
            Containers = [],
            Status = new() { Generation = generation, ObservedGeneration = observed, TemplateGeneration = ofTemplate, Desired = 1, Total = 1, Updated = 1 },
        }));
}
