using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Workloads;

public sealed class ContainerSelectionTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("True", false)]
    [InlineData("\"true\"", false)]
    [InlineData("true ", false)]
    [InlineData("1", false)]
    [InlineData("yes", false)]
    [InlineData("false", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void IsEnabled_Value_OnlyTrueOptsIn(string? value, bool expected) =>
        Assert.Equal(expected, ContainerSelection.IsEnabled(Annotated((Annotations.Enabled, value))));

    // The template has container a, init container i and the native sidecar s.
    [Theory]
    [InlineData(null, null, null, "a", "", "")]
    [InlineData(null, null, "true", "a", "i s", "")]
    [InlineData("s", null, null, "", "s", "")]
    [InlineData("a,s", null, null, "a", "s", "")]
    [InlineData("a,s", null, "true", "a", "i s", "")]
    [InlineData("a", null, "true", "a", "i s", "")]
    [InlineData(null, "s", null, "a", "", "")]
    [InlineData(null, "s", "true", "a", "i", "")]
    [InlineData(null, "i", "true", "a", "i s", "ignore-containers names 'i', which is not a container of the pod template")]
    public void Of_Sidecar_CanBeNamed(string? track, string? ignore, string? init, string tracked, string trackedInit, string warnings)
    {
        var workload = Workload(track, ignore, init) with
        {
            Containers = [ContainerSpec.Of("a", "r.io/a")],
            InitContainers = [ContainerSpec.Of("i", "r.io/i"), ContainerSpec.Of("s", "r.io/s") with { IsSidecar = true }],
        };

        var selection = ContainerSelection.Of(workload);

        Assert.Equal((tracked, trackedInit, warnings), (Names(selection.Tracked), Names(selection.TrackedInit), string.Join(' ', selection.Warnings)));
    }

    [Fact]
    public void Of_IstiosPlaceholder_IsNoReference() =>
        Assert.Contains("Istio", ContainerSpec.Of("istio-proxy", "auto").Image.Failure, StringComparison.Ordinal);

    // The template has containers a, b and c, and init containers i and j.
    [Theory]
    [InlineData(null, null, null, "a b c", "", "")]
    [InlineData("", "", "", "a b c", "", "")]
    [InlineData(" , ,", null, null, "a b c", "", "")]
    [InlineData("b", null, null, "b", "a c", "")]
    [InlineData("c,a", null, null, "a c", "b", "")]
    [InlineData(" a , c ,", null, null, "a c", "b", "")]
    [InlineData("a,a", null, null, "a", "b c", "")]
    [InlineData("A", null, null, "", "a b c", "")]
    [InlineData(null, "b", null, "a c", "b", "")]
    [InlineData(null, "a,b,c", null, "", "a b c", "")]
    [InlineData("", "b", null, "a c", "b", "")]
    [InlineData("a", "a,b", null, "a", "b c", "")]
    [InlineData("nobody", null, null, "", "a b c", "")]
    [InlineData("i", null, null, "", "a b c", "")]
    [InlineData(null, null, "true", "a b c", "", "i j")]
    [InlineData("b", null, "true", "b", "a c", "i j")]
    [InlineData(null, "i", "true", "a b c", "", "i j")]
    [InlineData(null, null, "True", "a b c", "", "")]
    public void Of_TableRow_SelectsByItsAnnotations(string? track, string? ignore, string? init, string tracked, string untracked, string trackedInit)
    {
        var selection = ContainerSelection.Of(Workload(track, ignore, init));

        Assert.Equal(tracked, Names(selection.Tracked));
        Assert.Equal(untracked, Names(selection.Untracked));
        Assert.Equal(trackedInit, Names(selection.TrackedInit));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("a", null)]
    [InlineData(null, "a,b")]
    [InlineData("a,x", null, "track-containers names 'x', which is not a container of the pod template")]
    [InlineData("x,a,x", null, "track-containers names 'x', which is not a container of the pod template")]
    [InlineData("i", null, "track-containers names 'i', which is not a container of the pod template")]
    [InlineData(null, "x", "ignore-containers names 'x', which is not a container of the pod template")]
    [InlineData("a", "x", "ignore-containers is ignored because track-containers is set")]
    [InlineData("a,\u001b[2J\u202e", null, "track-containers names ' [2J ', which is not a container of the pod template")]
    public void Of_TableRow_WarnsOfWhatCannotBeMeant(string? track, string? ignore, params string[] warnings) =>
        Assert.Equal(warnings, ContainerSelection.Of(Workload(track, ignore, init: null)).Warnings);

    [Fact]
    public void Of_ThousandsOfUnknownNames_WarnsBriefly()
    {
        var selection = ContainerSelection.Of(Workload(string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"x{i}")), ignore: null, init: null));

        Assert.Equal(6, selection.Warnings.Count);
        Assert.Equal("track-containers names 9995 more that are not containers of the pod template", selection.Warnings[5]);
    }

    private static WorkloadSnapshot Workload(string? track, string? ignore, string? init) => new()
    {
        Key = new("default", WorkloadKind.Deployment, "web"),
        Uid = "uid",
        ResourceVersion = "1",
        Annotations = Annotated(
            (Annotations.Enabled, "true"), (Annotations.TrackContainers, track), (Annotations.IgnoreContainers, ignore), (Annotations.TrackInitContainers, init)),
        Containers = [ContainerSpec.Of("a", "app:1"), ContainerSpec.Of("b", "app:1"), ContainerSpec.Of("c", "app:1")],
        InitContainers = [ContainerSpec.Of("i", "app:1"), ContainerSpec.Of("j", "app:1")],
        Status = new(),
    };

    private static Dictionary<string, string> Annotated(params (string Key, string? Value)[] entries) =>
        entries.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value!);

    private static string Names(IEnumerable<ContainerSpec> containers) => string.Join(' ', containers.Select(container => container.Name));
}
