using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Kubernetes.Workloads;
using k8s.Models;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>Maps objects that a Kubernetes 1.36 API server returned (TestData/kubernetes).</summary>
public sealed class WorkloadMappingTests
{
    [Fact]
    public void ToSnapshot_Deployment_KeepsWhatDecisionsNeed()
    {
        var snapshot = Map(Stored("deployment"), WorkloadKind.Deployment)!;

        Assert.Equal(new WorkloadKey("kubeclient", WorkloadKind.Deployment, "web"), snapshot.Key);
        Assert.Equal(("a4ca9b1b-e573-48f2-a287-cc41dde88df2", "1028"), (snapshot.Uid, snapshot.ResourceVersion));
        Assert.Equal([Annotations.Enabled, Annotations.TrackContainers], snapshot.Annotations.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            [("app", "127.0.0.1:5000/kubeclient/web:latest", "Always"), ("side", "127.0.0.1:5000/kubeclient/web:stable", "IfNotPresent")],
            snapshot.Containers.Select(container => (container.Name, container.ImageText, container.PullPolicy!)));
        Assert.Equal("stable", snapshot.Containers[1].Image.Value!.Tag);
        Assert.Equal("setup", snapshot.InitContainers.Single().Name);
        Assert.Equal("2026-11-22T10:00:00Z", snapshot.RestartedAt);
        Assert.Equal("app=web,tier=front,env in (dev,prod),!legacy,app,zone notin (x)", snapshot.PodSelector);
        Assert.Equal(new PullIdentity("kubeclient", "default", ["second", "first"]), snapshot.PullIdentity);
        Assert.Equal((true, false, false), (snapshot.HasLegacyFinalizer, snapshot.Paused, snapshot.Deleting));
        Assert.Equal(
            new RolloutStatus { Generation = 1, ObservedGeneration = 1, Desired = 2, Total = 2, Updated = 2, Ready = 2, Available = 2 },
            snapshot.Status);
    }

    [Fact]
    public void ToSnapshot_SidecarAndImageVolume_AreTold()
    {
        var stored = Stored("deployment");
        var spec = stored["spec"]!["template"]!["spec"]!;
        spec["initContainers"] = JsonNode.Parse("""[{"name":"setup","image":"a"},{"name":"mesh","image":"auto","restartPolicy":"Always"}]""");
        spec["volumes"] = JsonNode.Parse("""[{"name":"tmp","emptyDir":{}},{"name":"model","image":{"reference":"r.io/model:1","pullPolicy":"Always"}}]""");

        var snapshot = Map(stored, WorkloadKind.Deployment)!;

        Assert.Equal([("setup", false), ("mesh", true)], snapshot.InitContainers.Select(container => (container.Name, container.IsSidecar)));
        Assert.Contains("Istio", snapshot.InitContainers[1].Image.Failure, StringComparison.Ordinal);
        Assert.Equal(["model"], snapshot.ImageVolumes);
    }

    /// <summary>managedFields as listed by a real API server; entries of other managers and other fields are skipped.</summary>
    [Fact]
    public void ToSnapshot_ManagedFields_ReturnsFieldsThatOthersOwn()
    {
        var stored = Stored("deployment");
        stored["metadata"]!["managedFields"] = JsonNode.Parse(
            """
            [
              {"manager":"kubectl-client-side-apply","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/restartedAt":{}}}}}}},
              {"manager":"argocd-controller","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{
                "f:metadata":{"f:annotations":{"f:image-updater.eznix86.github.io/last-digest":{},"f:kubectl.kubernetes.io/restartedAt":{}}},
                "f:spec":{"f:replicas":{},"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}},
                  "f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:imagePullPolicy":{}},"k:{\"name\":\"side\"}":{"f:imagePullPolicy":{}}}}}}}},
              {"manager":"helm-controller","operation":"Update","subresource":"status"}
            ]
            """);
        Assert.Equal(
            [new("argocd-controller", ForeignField.LastDigest), new("argocd-controller", ForeignField.RestartedAt), new("argocd-controller", ForeignField.PullPolicy)],
            Map(stored, WorkloadKind.Deployment)!.ForeignFields);
    }

    [Fact]
    public void ToSnapshot_PullPolicyOfTwoManagers_IsTheLastOnes()
    {
        var stored = Stored("deployment");
        var containers = stored["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        containers[0]!["imagePullPolicy"] = "IfNotPresent";
        var name = containers[0]!["name"]!.GetValue<string>();
        stored["metadata"]!["managedFields"] = new JsonArray(Entry("later", "2026-11-28T10:00:01Z"), Entry("earlier", "2026-11-28T10:00:00Z"));
        Assert.Equal("later", Map(stored, WorkloadKind.Deployment)!.Containers[0].PullPolicyManager);

        containers[0]!["imagePullPolicy"] = "Always";
        Assert.Null(Map(stored, WorkloadKind.Deployment)!.Containers[0].PullPolicyManager);

        JsonObject Entry(string manager, string time) => new()
        {
            ["manager"] = manager,
            ["operation"] = "Apply",
            ["time"] = time,
            ["fieldsV1"] = JsonNode.Parse($$$"""{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"{{{name}}}\"}":{"f:imagePullPolicy":{} } } } } } }"""),
        };
    }

    [Theory]
    [InlineData("image-updater", "Update", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:image":{}}}}}}}""", true)]
    [InlineData("image-updater", "Apply", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:image":{}}}}}}}""", false)]
    [InlineData("helm", "Update", """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:image":{}}}}}}}""", false)]
    [InlineData("image-updater", "Update", """{"f:metadata":{"f:annotations":{"f:x":{}}},"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/restartedAt":{}}}}}}""", false)]
    public void ToSnapshot_ManagedFields_ReturnsWhetherWeOwnFieldsOfOthers(string manager, string operation, string fields, bool owns)
    {
        var stored = Stored("deployment");
        stored["metadata"]!["managedFields"] = new JsonArray(new JsonObject { ["manager"] = manager, ["operation"] = operation, ["fieldsV1"] = JsonNode.Parse(fields) });
        Assert.Equal(owns, Map(stored, WorkloadKind.Deployment)!.OwnsOthersFields);
    }

    /// <summary>A manifest that is applied server-side may have the annotations of a restart, too.</summary>
    [Theory]
    [InlineData("Apply", true)]
    [InlineData("Update", false)]
    public void ToSnapshot_WeOwnAnnotationsAlone_AreOthersWhereSomebodyApplies(string operation, bool owns)
    {
        var stored = Stored("deployment");
        stored["metadata"]!["managedFields"] = new JsonArray(
            Entry("image-updater", "Update", """{"f:metadata":{"f:annotations":{"f:x":{}}}}"""), Entry("helm", operation, """{"f:spec":{"f:replicas":{}}}"""));
        Assert.Equal(owns, Map(stored, WorkloadKind.Deployment)!.OwnsOthersFields);

        static JsonObject Entry(string manager, string operation, string fields) =>
            new() { ["manager"] = manager, ["operation"] = operation, ["fieldsV1"] = JsonNode.Parse(fields) };
    }

    // Manager, time and fields of each entry.
    [Theory]
    [InlineData("helm 10 T,my-operator 12 T", "my-operator")]
    [InlineData("my-operator 12 T,helm 10 T", "my-operator")]
    [InlineData("helm 10 T,image-updater 11 T", null)]
    [InlineData("helm 10 T,image-updater 11 M,my-operator 11 T", "my-operator")]
    [InlineData("helm 10 T,image-updater 11 M", null)]
    [InlineData("image-updater 11 T,kube-controller-manager 12 S", null)]
    [InlineData("image-updater 11 T,kubectl 12 M", null)]
    public void ToSnapshot_ManagedFields_ReturnsWhoWroteTheTemplateAfterUs(string entries, string? writer)
    {
        var stored = Stored("deployment");
        stored["metadata"]!["managedFields"] = new JsonArray([.. entries.Split(',').Select(entry => entry.Split(' ')).Select(cells => new JsonObject
        {
            ["manager"] = cells[0],
            ["operation"] = "Update",
            ["time"] = $"2026-11-28T10:00:{cells[1]}Z",
            ["fieldsV1"] = JsonNode.Parse(cells[2] switch
            {
                "T" => """{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:x":{} } } } } }""",
                "S" => """{"f:status":{"f:replicas":{} } }""",
                _ => """{"f:metadata":{"f:annotations":{"f:x":{} } } }""",
            }),
        })]);
        Assert.Equal(writer, Map(stored, WorkloadKind.Deployment)!.LastTemplateWriter?.Manager);
    }

    [Fact]
    public void ToSnapshot_StatefulSet_HasRevisionsAndPartition()
    {
        var snapshot = Map(Stored("statefulset"), WorkloadKind.StatefulSet)!;

        Assert.Equal(new PullIdentity("kubeclient", "robot", []), snapshot.PullIdentity);
        Assert.Equal(
            new RolloutStatus
            {
                Generation = 1,
                ObservedGeneration = 1,
                Desired = 1,
                Total = 1,
                Updated = 1,
                Ready = 1,
                Available = 1,
                Partition = 1,
                CurrentRevision = "db-d6989cd75",
                UpdateRevision = "db-d6989cd75",
            },
            snapshot.Status);
    }

    [Fact]
    public void ToSnapshot_DaemonSet_CountsNodes()
    {
        var workload = Stored("daemonset");
        workload["status"]!["desiredNumberScheduled"] = 5;
        workload["status"]!["currentNumberScheduled"] = 4;
        workload["status"]!["updatedNumberScheduled"] = 3;
        workload["status"]!["numberReady"] = 2;

        Assert.Equal(
            new RolloutStatus
            {
                Generation = 1,
                ObservedGeneration = 1,
                Desired = 5,
                Total = 4,
                Updated = 3,
                Ready = 2,
                Available = 1,
                OnDelete = true,
            },
            Map(workload, WorkloadKind.DaemonSet)!.Status);
    }

    [Fact]
    public void ToSnapshot_PausedDeletingAndStuck_AreSeen()
    {
        var workload = Stored("deployment");
        workload["spec"]!["paused"] = true;
        workload["spec"]!.AsObject().Remove("replicas");
        workload["metadata"]!["deletionTimestamp"] = "2026-11-22T10:00:00Z";
        workload["metadata"]!["finalizers"] = new JsonArray("example.com/keep");
        workload["status"] = JsonNode.Parse(
            """{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}],"unavailableReplicas":1}""");

        var snapshot = Map(workload, WorkloadKind.Deployment)!;

        Assert.Equal((true, true, false), (snapshot.Paused, snapshot.Deleting, snapshot.HasLegacyFinalizer));
        Assert.Equal(new RolloutStatus { Generation = 1, Desired = 1, ProgressDeadlineExceeded = true }, snapshot.Status);
    }

    [Fact]
    public void ToSnapshot_ZeroReplicas_AreNotOne()
    {
        var workload = Stored("statefulset");
        workload["spec"]!["replicas"] = 0;

        Assert.Equal(0, Map(workload, WorkloadKind.StatefulSet)!.Status.Desired);
    }

    [Fact]
    public void ToSnapshot_OddImage_IsBoundedAndHasAReason()
    {
        var workload = Stored("daemonset");
        workload["spec"]!["template"]!["spec"]!["containers"] = new JsonArray(
            new JsonObject { ["name"] = "long", ["image"] = new string('a', 5000) },
            new JsonObject { ["name"] = "odd", ["image"] = "UPPER case\u001b[31m" },
            new JsonObject { ["name"] = "none" });

        var containers = Map(workload, WorkloadKind.DaemonSet)!.Containers;

        Assert.All(containers, container => Assert.NotNull(container.Image.Failure));
        Assert.All(containers, container => Assert.InRange(container.ImageText.Length, 0, 301));
        Assert.DoesNotContain('\u001b', containers[1].ImageText);
    }

    [Fact]
    public void ToSnapshot_ImagesOfOneList_AreParsedOnce()
    {
        var images = new ImageTexts();

        var one = images.Container("a", "nginx:1", "Always");
        var other = images.Container("b", new string("nginx:1"), pullPolicy: null);

        Assert.Same(one.Image.Value, other.Image.Value);
    }

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"Near","values":["b"]}],"matchLabels":{"x":"y"}}""")]
    [InlineData("{}")]
    [InlineData("null")]
    public void ToSnapshot_SelectorThatIsNotKnown_SelectsNothing(string selector)
    {
        var workload = Stored("deployment");
        workload["spec"]!["selector"] = JsonNode.Parse(selector);

        Assert.Equal("", Map(workload, WorkloadKind.Deployment)!.PodSelector);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("namespace")]
    [InlineData("uid")]
    [InlineData("resourceVersion")]
    public void ToSnapshot_WithoutIdentity_IsNone(string field)
    {
        var workload = Stored("deployment");
        workload["metadata"]!.AsObject().Remove(field);

        Assert.Null(Map(workload, WorkloadKind.Deployment));
    }

    [Fact]
    public void Pod_AsStored_IsEvidence()
    {
        var pod = MapPod(Stored("pod"));

        Assert.Equal("web-6f8977bd49-79z7g", pod.Name);
        Assert.Equal(new PodOwner("ReplicaSet", "web-6f8977bd49", "d84e553d-0dfa-4d2e-8768-fb3883b36163"), pod.Owner);
        Assert.Equal(("6f8977bd49", "2026-11-22T10:00:00Z", false), (pod.RevisionHash, pod.RestartedAt, pod.Terminating));
        Assert.Equal(["app", "setup", "side"], pod.Images.Keys.Order(StringComparer.Ordinal));
        Assert.StartsWith("127.0.0.1:5000/kubeclient/web@sha256:fdfb0491", pod.Images["side"], StringComparison.Ordinal);
    }

    [Fact]
    public void Pod_WaitingEmptyAndTerminating_AreNoEvidence()
    {
        var stored = Stored("pod");
        var statuses = stored["status"]!["containerStatuses"]!.AsArray();
        statuses[0]!["state"] = JsonNode.Parse("""{"waiting":{"reason":"CrashLoopBackOff"}}""");
        statuses[1]!["imageID"] = "";
        stored["metadata"]!["deletionTimestamp"] = "2026-11-22T10:00:00Z";
        stored["metadata"]!["labels"] = new JsonObject { ["controller-revision-hash"] = "db-1" };
        stored["metadata"]!["ownerReferences"]![0]!["controller"] = false;

        var pod = MapPod(stored);

        Assert.Equal(["setup"], pod.Images.Keys);
        Assert.Equal((true, "db-1", null), (pod.Terminating, pod.RevisionHash, pod.Owner));
    }

    private static JsonNode Stored(string name) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "kubernetes", name + ".json")))!;

    private static WorkloadSnapshot? Map(JsonNode workload, WorkloadKind kind) =>
        WorkloadMapping.ToSnapshot(workload.Deserialize(WorkloadJson.Default.WorkloadObject)!, kind, new ImageTexts());

    private static PodSnapshot MapPod(JsonNode pod) => PodMapping.ToSnapshot(pod.Deserialize(AnswerJson.Type<V1Pod>())!);
}
