using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

/// <summary>A report with hostile text from annotations, images and registries in every place that shows such text.</summary>
internal static class Hostile
{
    public static readonly TheoryData<string> Texts =
    [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg onload=alert(1)>",
        "</style></title></table><script>alert(1)</script>",
        "{{this}} {{{this}}} {{#each restarts}}",
        "{{ raw '<b>' }} {%{ <i> }%} {{ for item in restarts ~}}",
        "[x](javascript:alert(1)) ![x](http://evil/x.png)",
        "<javascript:alert(1)> <https://evil.example>",
        "a | b || c \\| d",
        "line one\nline two\r\n\n# heading\n- item\n```\ncode",
        "`code` ``more`` ``` ends with `",
        "`",
        "**bold** _it_ ~~gone~~ # h > q 1. x",
        "1. one",
        "- item",
        "&lt;b&gt; &amp; &#60;",
        "\u202Egpj.exe\u202C right to left",
        "a\u0000b\u001B[31mred\u0007",
        "https://evil.example www.evil.example @everyone root@evil.example",
        new string('x', 10_000),
        string.Concat(Enumerable.Repeat("|`<b>{{", 2_000)),
        "\uD800 lone surrogate",
    ];

    /// <summary>Bounded like every text of a report.</summary>
    public static string AsShown(string text) => WireJson.Text(text);

    public static AuditReport Report(string text)
    {
        var week = Samples.Week();
        var key = new WorkloadKey(text, WorkloadKind.Deployment, text);
        var rollout = Samples.Rollout("r", Samples.Web, Samples.Now.AddHours(-1), Core.Applying.RolloutState.Failed, TimeSpan.FromSeconds(5), text, "a", "b");
        return AuditReport.Of(week with
        {
            Cluster = text,
            Rollouts =
            [
                rollout with
                {
                    Id = text, Workload = key, PlanId = text, Actor = text, Outcome = text, Verification = Core.Applying.RolloutVerification.Mismatch, VerificationMessage = text,
                    Changes = [rollout.Changes[0] with { Container = text, Image = text }],
                    PullPolicies = [new PullPolicyChange(text, IsInit: false, text)],
                },
            ],
            Decisions = [Samples.LastDecisions(key, text, text, ContainerAction.Hold, DecisionReason.Paused, text, Samples.Now, "a", "b")],
            Audit = [Samples.Record(1, Samples.Now, AuditAction.Restarted, key, text, text) with { Container = text, Patch = text }],
            FailingImages = [week.FailingImages[0] with { Failure = new RegistryFailure(RegistryFailureKind.NotFound, text) }],
            Notes = [text],
        });
    }

    public static RolloutPlan Plan(string text) => new()
    {
        CreatedAt = Samples.Now,
        Scope = new PlanScope([text], [WorkloadKind.Deployment]),
        Warnings = [text],
        Workloads =
        [
            new WorkloadPlan
            {
                Key = new WorkloadKey(text, WorkloadKind.Deployment, text),
                Uid = text,
                ResourceVersion = text,
                Warnings = [text],
                Containers =
                [
                    new ContainerDecision(text, IsInit: false, text, Image: null, ContainerAction.Restart, DecisionReason.DigestChanged, text, To: Samples.Digest("b")),
                    new ContainerDecision(text, IsInit: false, text, Image: null, ContainerAction.Skip, DecisionReason.InvalidImage, text),
                ],
                Restart = new RestartChange(text, [new PullPolicyChange(text, IsInit: false, text)]),
            },
        ],
    };
}
