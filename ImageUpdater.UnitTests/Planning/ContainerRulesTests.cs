using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>Runs the cases of TestData/container-rules.tsv, in the order of the table above ContainerRules.</summary>
public sealed class ContainerRulesTests
{
    private const string Repository = "r.io/app";

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var row in Tsv.Rows("container-rules.tsv"))
            data.Add(row[0], string.Join('\t', row));
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decide_TableRow_ActsForTheReason(string name, string row)
    {
        var cells = row.Split('\t');
        var outcome = Planner.Plan(Read(cells));
        var decision = Assert.Single(Assert.Single(outcome.Plan.Workloads).Containers);

        var actual = new[]
        {
            name,
            decision.Action.ToString(),
            decision.Reason.ToString(),
            Given.Name(decision.From),
            decision.Adopt is { } adopt ? $"{Given.Name(adopt.Digest)} {adopt.Origin}" : "",
            Needs(outcome.MissingInputs),
            Given.Unfill(decision.Explanation),
        };
        Assert.Equal([name, .. cells[8..]], actual);
        if (decision.Adopt is { } adopted)
            Assert.Equal((new ContainerId("uid-web", "web"), decision.Image, Given.Now), (adopted.Id, adopted.Image, adopted.Since));
    }

    private static PlanningInput Read(string[] cells)
    {
        var (image, served, baseline, lastDigest, pods, nodes, flags) = (cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7].Split(' '));
        var workload = Given.Workload("web", Given.Container("web", image, flags.Contains("never") ? "Never" : "IfNotPresent")) with
        {
            Paused = flags.Contains("paused"),
            Deleting = flags.Contains("deleting"),
            Status = flags.Contains("rolling") ? Given.Rolling
                : flags.Contains("ondelete") ? Given.Rolled with { OnDelete = true }
                : flags.Contains("exceeded") ? Given.Rolling with { ProgressDeadlineExceeded = true }
                : flags.Contains("noreplicas") ? Given.Rolled with { Desired = 0, Total = 0, Updated = 0, Ready = 0, Available = 0 }
                : flags.Contains("partition") ? Given.Rolled with { Partition = 1 }
                : flags.Contains("ondelete-waiting") ? Given.Rolled with { OnDelete = true, Desired = 3, Total = 3, Updated = 1 }
                : flags.Contains("partition-waiting") ? Given.Rolled with { Partition = 2, Desired = 3, Total = 3, Updated = 1 }
                : Given.Rolled,
        };
        if (lastDigest.Length > 0)
            workload = workload.With(Annotations.LastDigest, lastDigest);
        if (flags.Contains("put-back"))
        {
            workload = workload.With(Annotations.OnFailure, "pin-previous").With(Annotations.PinnedDigest, $"web:{image.Split('@')[1]}");
            image = image.Split('@')[0];
        }

        var stored = baseline.Split(' ');
        return Given.Input([workload], Checks(image, served), baseline.Length == 0 ? [] : [Given.Baseline("web", "web", stored[0], stored[1])]) with
        {
            NodePlatforms = [.. nodes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(node => new Platform("linux", node))],
            Pods = pods == "?" ? new() : new Dictionary<string, IReadOnlyList<PodSnapshot>> { [workload.Uid] = Pods(workload, pods) },
            Revisions = new Dictionary<string, IReadOnlyList<RevisionSnapshot>> { [workload.Uid] = flags.Contains("undone") ? [new("2026-05-02T00:00:00Z", Given.Fill("web:{D2}"))] : [] },
            Options = new() { FirstSeen = flags.Contains("firstseen-restart") ? FirstSeen.Restart : FirstSeen.Adopt },
        };
    }

    private static IEnumerable<ImageCheck> Checks(string image, string served)
    {
        if (served.Length == 0)
            return [];

        return served.Split(':') is [var kind, var message]
            ? [Given.Failed(image, Enum.Parse<RegistryFailureKind>(kind), message)]
            : [Given.Served(image, served)];
    }

    private static List<PodSnapshot> Pods(WorkloadSnapshot workload, string pods)
    {
        var read = new List<PodSnapshot>();
        foreach (var text in pods.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = text.Split(':');
            var digest = "{" + parts[^1] + "}";
            read.Add(parts[0] switch
            {
                "silent" => Given.Pod(workload),
                "bare" => Given.Pod(workload, ("web", digest)),
                "docker" => Given.Pod(workload, ("web", "docker://" + digest)),
                "other" => Given.Pod(workload, ("web", "r.io/other@" + digest)),
                "terminating" => Given.Pod(workload, ("web", $"{Repository}@{digest}")) with { Terminating = true },
                "old" => Given.Pod(workload, ("web", $"{Repository}@{digest}")) with { CreatedAt = Given.Now.AddDays(-1) },
                "older" => Given.Pod(workload, ("web", $"{Repository}@{digest}")) with { RestartedAt = null },
                _ => Given.Pod(workload, ("web", $"{Repository}@{digest}")),
            });
        }

        return read;
    }

    private static string Needs(MissingInputs needs) => string.Join(
        ' ', needs.PodsOfWorkloads.Select(_ => "pods").Concat(needs.Manifests.Keys.Concat(needs.Served.Keys.Select(read => read.Image.Digest!)).Select(Given.Name).Distinct().Order(StringComparer.Ordinal)));
}
