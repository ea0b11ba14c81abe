using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Workloads;

public sealed class NotEnabledTests
{
    private const string Below = "the annotation enabled is on the pod template; set it in the metadata of the workload";

    [Theory]
    [InlineData("enabled", "true", "", "", null)]
    [InlineData("enabled", "True", "", "", "invalid enabled 'True'; use \"true\"")]
    [InlineData("enabled", " true", "", "", "invalid enabled ' true'; use \"true\"")]
    [InlineData("enabled", "yes", "", "", "invalid enabled 'yes'; use \"true\"")]
    [InlineData("enabled", "false", "", "", null)]
    [InlineData("enabled", "False", "enabled", "true", null)]
    [InlineData("enabled", "", "", "", null)]
    [InlineData("Enabled", "true", "", "", "unknown annotation 'Enabled'; did you mean 'enabled'?")]
    [InlineData("enable", "true", "", "", "unknown annotation 'enable'; did you mean 'enabled'?")]
    [InlineData("approval", "required", "", "", null)]
    [InlineData("", "", "enabled", "true", Below)]
    [InlineData("", "", "enabled", "True", Below)]
    [InlineData("", "", "enabled", "false", null)]
    [InlineData("", "", "", "", null)]
    public void MistakeOf_Annotations_IsWhatWasMeant(string own, string ownValue, string template, string templateValue, string? expected) =>
        Assert.Equal(expected, NotEnabled.MistakeOf(Annotated(own, ownValue), Annotated(template, templateValue)));

    [Fact]
    public void Warnings_Many_NamesAFew()
    {
        var warnings = new NotEnabled(20, [.. Enumerable.Range(1, 9).Select(i => new EnablingMistake(new("shop", WorkloadKind.Deployment, $"w{i}"), "why"))]).Warnings.ToList();

        Assert.Equal(6, warnings.Count);
        Assert.Equal("shop/deployment/w1 is not enabled: why", warnings[0]);
        Assert.Equal("4 more workloads are not enabled for such a reason", warnings[^1]);
    }

    private static Dictionary<string, string> Annotated(string name, string value) => name.Length == 0 ? [] : new() { [Annotations.Prefix + name] = value };
}
