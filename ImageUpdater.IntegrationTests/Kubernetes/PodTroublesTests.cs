using System.Text.Json;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using k8s.Models;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>Statuses as kubelets write them; the texts in them are anybody's.</summary>
public sealed class PodTroublesTests
{
    private const string Killed = ""","lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}},"restartCount":5""";

    [Theory]
    [InlineData("""{"waiting":{"reason":"ImagePullBackOff","message":"manifest unknown"}}""", "", "app ImagePullBackOff manifest unknown  0")]
    [InlineData("""{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s"}}""", Killed, "app CrashLoopBackOff OOMKilled 137 5")]
    [InlineData("""{"waiting":{"reason":"CrashLoopBackOff"}}""", ""","lastState":{"terminated":{"exitCode":1,"reason":"Error","message":"no config"}},"restartCount":2""", "app CrashLoopBackOff no config 1 2")]
    [InlineData("""{"terminated":{"exitCode":2,"reason":"Error"}}""", "", "app Error  2 0")]
    [InlineData("""{"running":{}}""", Killed, "app OOMKilled  137 5")]
    [InlineData("""{"running":{}}""", "", "app NotReady   0")]
    [InlineData("""{"waiting":{"reason":"ContainerCreating"}}""", "", "app ContainerCreating   0")]
    [InlineData("""{"waiting":{}}""", "", "app ContainerCreating   0")]
    [InlineData("""{"terminated":{"exitCode":0,"reason":"Completed"}}""", "", null)]
    [InlineData("{}", "", null)]
    public void First_OneContainer_IsItsState(string state, string more, string? expected)
    {
        Assert.Equal(expected, Text(PodTroubles.First(Pod($$$"""
            "containerStatuses":[{"name":"app","ready":false,"state":{{{state}}}{{{more}}} }]
            """))));
    }

    [Fact]
    public void First_SeveralContainers_IsTheFirstOfTheSpecThatFailed()
    {
        var pod = Pod("""
            "containerStatuses":[{"name":"a-side","state":{"waiting":{"reason":"ErrImagePull"}}},{"name":"app","state":{"waiting":{"reason":"CreateContainerConfigError"}}}],
            "initContainerStatuses":[{"name":"migrate","ready":true,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]
            """);
        Assert.Equal("app CreateContainerConfigError   0", Text(PodTroubles.First(pod)));
    }

    [Fact]
    public void First_InitContainerFails_IsItAndNotThoseThatWaitForIt()
    {
        var pod = Pod("""
            "containerStatuses":[{"name":"app","state":{"waiting":{"reason":"PodInitializing"}}}],
            "initContainerStatuses":[{"name":"migrate","state":{"terminated":{"exitCode":3,"reason":"Error","message":"no schema"}}}]
            """);
        Assert.Equal("migrate Error no schema 3 0", Text(PodTroubles.First(pod)));
    }

    [Fact]
    public void First_NoNode_IsWhatTheSchedulerSays() => Assert.Equal(
        " Unschedulable 0/1 nodes are available: insufficient memory  0",
        Text(PodTroubles.First(Pod("""
            "conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/1 nodes are available: insufficient memory"}]
            """))));

    [Fact]
    public void First_LongAndHostileMessage_IsBoundedAndKeepsItsEnd()
    {
        var pod = Pod("""
            "containerStatuses":[{"name":"app","state":{"waiting":{"reason":"ErrImagePull","message":"\u001b[31m https://user:secret@r.io/ MIDDLE manifest unknown"}}}]
            """.Replace("MIDDLE", new string('x', 5000), StringComparison.Ordinal));
        var message = PodTroubles.First(pod)!.Message!;
        Assert.InRange(message.Length, 290, 300);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', message);
        Assert.EndsWith(" manifest unknown", message, StringComparison.Ordinal);
    }

    private static V1Pod Pod(string status) => JsonSerializer.Deserialize($$$"""
        {"metadata":{"name":"web-0"},"spec":{"initContainers":[{"name":"migrate"}],"containers":[{"name":"app"},{"name":"a-side"}]},"status":{"phase":"Pending",{{{status}}}}}
        """, AnswerJson.Type<V1Pod>())!;

    private static string? Text(PodTrouble? trouble) =>
        trouble is null ? null : $"{trouble.Container} {trouble.Reason} {trouble.Message} {trouble.ExitCode} {trouble.Restarts}";
}
