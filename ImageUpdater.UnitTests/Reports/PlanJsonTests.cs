using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Reports;

public sealed class PlanJsonTests
{
    private static readonly string Written = PlanJson.Write("plan-1", Samples.Plan());

    [Fact]
    public void Write_Plan_IsTheGoldenFile() => Golden.Check("plan.json", Written);

    [Fact]
    public void Read_WhatWasWritten_GivesTheSamePlan()
    {
        Assert.True(PlanJson.Read(Written).IsSuccess(out var read, out var problem), problem);
        Assert.Equal("plan-1", read.Id);
        Assert.Equivalent(Samples.Plan(), read.Plan, strict: true);
        Assert.Equal(Written, PlanJson.Write(read.Id, read.Plan));
    }

    [Fact]
    public void Write_HoldsAndAPin_IsTheGoldenFileAndIsReadBack()
    {
        var until = Samples.Now.AddHours(3);
        var plan = Samples.Plan();
        var held = plan.Workloads[0] with
        {
            Containers =
            [
                plan.Workloads[0].Containers[0] with
                {
                    Reason = DecisionReason.Cooldown,
                    Explanation = "cooldown is 12h; window opens",
                    Holds = [new(DecisionReason.Cooldown, "cooldown is 12h", until), new(DecisionReason.ApprovalRequired, "approval is required")],
                },
            ],
        };
        var web = plan.Workloads[3];
        var back = web with
        {
            Containers = [web.Containers[0] with { Reason = DecisionReason.PinPrevious, ImageAfter = $"ghcr.io/shop/web:prod@{Samples.Digest("w2")}" }, web.Containers[1]],
            Restart = web.Restart! with { Images = [new("web", IsInit: false, "ghcr.io/shop/web:prod", $"ghcr.io/shop/web:prod@{Samples.Digest("w2")}")], PinnedDigest = $"web:{Samples.Digest("w2")}" },
        };
        plan = plan with { Workloads = [held, back] };
        var written = PlanJson.Write("plan-2", plan);
        Golden.Check("plan-holds.json", written);

        Assert.True(PlanJson.Read(written).IsSuccess(out var read, out var problem), problem);
        Assert.Equivalent(plan, read.Plan, strict: true);
        Assert.Equal(written, PlanJson.Write(read.Id, read.Plan));
    }

    [Fact]
    public void Fields_InTheDocumentation_AreThoseOfTheFile()
    {
        var fields = FieldsOf(typeof(PlanDocument)).Select(JsonNamingPolicy.CamelCase.ConvertName).ToHashSet(StringComparer.Ordinal);
        Assert.True(fields.Count > 30);
        var named = Markdown.Code(Repository.Read("docs/plan-json.md")).ToHashSet(StringComparer.Ordinal);
        Assert.All(fields, field => Assert.Contains(field, named));
    }

    [Theory]
    [InlineData("shop", "\"namespace\": \"shop\"")]
    [InlineData("media,shop", "\"namespaces\": [")]
    public void Read_EmptyPlan_GivesIt(string namespaces, string written)
    {
        var empty = new RolloutPlan { CreatedAt = Samples.Now, Scope = new PlanScope(namespaces.Split(','), []), Workloads = [] };
        Assert.Contains(written, PlanJson.Write("p", empty), StringComparison.Ordinal);

        Assert.True(PlanJson.Read(PlanJson.Write("p", empty)).IsSuccess(out var read, out var problem), problem);
        Assert.Equivalent(empty, read.Plan, strict: true);
    }

    [Fact]
    public void Read_NewerMinorVersionWithUnknownFields_IsRead()
    {
        var json = Changed(plan =>
        {
            plan["formatVersion"] = "1.7";
            plan["whatever"] = new JsonObject { ["new"] = true };
            plan["workloads"]![0]!["mood"] = "good";
        });

        Assert.True(PlanJson.Read(json).IsSuccess(out _, out var problem), problem);
    }

    [Fact]
    public void Read_TimeWithAnOffset_IsTakenAsUtc()
    {
        Assert.True(PlanJson.Read(Changed(plan => plan["createdAt"] = "2026-11-22T12:00:00+02:00")).IsSuccess(out var read, out var problem), problem);
        Assert.Equal(Samples.Now, read.Plan.CreatedAt);
        Assert.Equal(TimeSpan.Zero, read.Plan.CreatedAt.Offset);
    }

    [Fact]
    public void Read_ByteOrderMark_IsPassedOver() => Assert.True(PlanJson.Read("\uFEFF" + Written).IsSuccess(out _, out _));

    [Theory]
    [InlineData("", "not a JSON object (line 1)")]
    [InlineData("hello", "not a JSON object (line 1)")]
    [InlineData("{\n\"kind\": \"RolloutPlan\",\n", "not a JSON object (line 3)")]
    [InlineData("[]", "not a JSON object (line 1)")]
    [InlineData("null", "but not a plan: \"kind\"")]
    [InlineData("42", "not a JSON object")]
    [InlineData("{}", "JSON, but not a plan")]
    [InlineData("{\"kind\": 7, \"formatVersion\": \"1.0\"}", "JSON, but not a plan")]
    [InlineData("{\"kind\": \"AuditReport\", \"formatVersion\": \"1.0\"}", "JSON, but not a plan")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"2.0\", \"workloads\": 5}", "written by a newer version (format 2.0); this version reads 1.x")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"new\"}", "unsupported formatVersion 'new'")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"0.9\"}", "unsupported formatVersion '0.9'")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"1.0\"}", "createdAt is missing; scope is missing; workloads is missing; warnings is missing; imageCount is missing; and 1 more problem")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"1.0\", \"id\": 5}", "id has a value of the wrong type")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"1.0\", \"id\": \"\\ud800\"}", "id has a value of the wrong type")]
    [InlineData("{\"kind\": \"RolloutPlan\", \"formatVersion\": \"1.0\", \"id\": \"a\", \"id\": \"b\"}", "id")]
    public void Read_WhatIsNoPlan_IsOneMessage(string json, string expected) => AssertRefused(json, expected);

    [Theory]
    [InlineData("workloads/0/name", null, "workloads[0].name is missing")]
    [InlineData("workloads/0/name", "", "workloads[0].name is empty")]
    [InlineData("workloads/0/name", "a\u001b[31m", "workloads[0].name is empty, too long or has characters that can't be shown")]
    [InlineData("workloads/1/uid", "uid-media-photos", "workloads has uid 'uid-media-photos' twice")]
    [InlineData("workloads/0/kind", "cronjob", "workloads[0].kind 'cronjob' is not one of daemonset, deployment, statefulset")]
    [InlineData("workloads/0/resourceVersion", null, "workloads[0].resourceVersion is missing")]
    [InlineData("workloads/0/isSelf", null, "workloads[0].isSelf is missing")]
    [InlineData("workloads/0/isSelf", "yes", "workloads[0].isSelf has a value of the wrong type")]
    [InlineData("workloads/0/containers", null, "workloads[0].containers is missing")]
    [InlineData("workloads/0/containers/0", null, "workloads[0].containers[0] is null")]
    [InlineData("workloads/0/containers/0/action", "delete", "workloads[0].containers[0].action 'delete' is not one of hold, no-op, restart, skip")]
    [InlineData("workloads/0/containers/0/reason", null, "workloads[0].containers[0].reason is missing")]
    [InlineData("workloads/0/containers/0/from", "sha256:12", "workloads[0].containers[0].from is not a digest")]
    [InlineData("workloads/0/containers/0/action", "restart", "workloads[0].restart must be set")]
    [InlineData("workloads/2/containers/0/adopt/since", "yesterday", "workloads[2].containers[0].adopt.since is not an RFC 3339 time")]
    [InlineData("workloads/2/containers/0/image", "Not An Image", "workloads[2].containers[0].image is not a valid image reference")]
    [InlineData("workloads/2/containers/0/name", "broken", "workloads[2].containers has 'broken' twice")]
    [InlineData("workloads/3/restart", null, "workloads[3].restart must be set")]
    [InlineData("workloads/3/restart/lastDigest", "web:nonsense", "workloads[3].restart.lastDigest is not name:digest,name:digest, sorted by name")]
    [InlineData("workloads/3/containers/0/to", null, "workloads[3].containers[0].to is missing")]
    [InlineData("scope/kinds", null, "scope.kinds is missing")]
    [InlineData("createdAt", "2026-13-01T00:00:00Z", "createdAt is not an RFC 3339 time")]
    [InlineData("warnings", "none", "warnings has a value of the wrong type")]
    public void Read_InvalidField_IsReportedByName(string path, string? value, string expected) => AssertRefused(Changed(plan => Set(plan, path, value)), expected);

    [Fact]
    public void Read_TooLong_SaysHowMuchIsRead() => AssertRefused(new string(' ', PlanJson.MaxLength + 1), "the maximum is 33,554,432");

    [Fact]
    public void Read_DeeplyNested_IsRefused() => AssertRefused(new string('[', 100_000), "not a JSON object");

    [Fact]
    public void Read_RandomDamage_IsReadOrRefusedWithAReason()
    {
        const string Damage = "{}[]\",:0a\\\u0000\uD800";
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var text = Written.ToCharArray();
            for (var j = random.Next(1, 4); j > 0; j--)
                text[random.Next(text.Length)] = Damage[random.Next(Damage.Length)];
            var from = random.Next(text.Length);

            AssertAnswered(new string(text));
            AssertAnswered(Written.Remove(from, random.Next(Written.Length - from)));
        }
    }

    private static void AssertAnswered(string text)
    {
        if (!PlanJson.Read(text).IsSuccess(out var read, out var problem))
            Assert.NotEqual("", problem);
        else
            Assert.NotNull(read.Plan);
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Write_HostileText_CanBeReadOrIsRefusedByName(string text)
    {
        var result = PlanJson.Read(PlanJson.Write("p", Hostile.Plan(text)));

        Assert.False(result.IsSuccess(out _, out var problem));
        Assert.StartsWith("the plan can't be used: ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(problem, char.IsControl);
    }

    public static TheoryData<string> HostileTexts => Hostile.Texts;

    private static string Changed(Action<JsonNode> change)
    {
        var plan = JsonNode.Parse(Written)!;
        change(plan);
        return plan.ToJsonString();
    }

    private static void Set(JsonNode plan, string path, string? value)
    {
        var parts = path.Split('/');
        foreach (var part in parts[..^1])
            plan = int.TryParse(part, out var index) ? plan[index]! : plan[part]!;
        if (int.TryParse(parts[^1], out var last))
            plan[last] = value;
        else if (value is null)
            plan.AsObject().Remove(parts[^1]);
        else
            plan[parts[^1]] = value;
    }

    private static void AssertRefused(string json, string expected)
    {
        Assert.False(PlanJson.Read(json).IsSuccess(out _, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    private static IEnumerable<string> FieldsOf(Type document)
    {
        foreach (var property in document.GetProperties())
        {
            yield return property.Name;
            var item = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            foreach (var field in item.Name.EndsWith("Document", StringComparison.Ordinal) ? FieldsOf(item) : [])
                yield return field;
        }
    }
}
