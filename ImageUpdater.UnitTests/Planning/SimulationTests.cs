using FsCheck;
using FsCheck.Fluent;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>Invariants over time: no second restart for a push, and no missed push.</summary>
public sealed class SimulationTests
{
    // "plan" plans with reports of pods and applies; "hide" does the same without pods.
    [Theory]
    [InlineData("plan|push r.io/app:1 D2|plan|plan|hide|plan")]
    [InlineData("plan|push r.io/app:1 D2|plan|push r.io/app:1 D1|plan|push r.io/app:1 D2|plan")]
    [InlineData("plan|push r.io/app:1 D2|hide|lose|hide|lose|plan")]
    [InlineData("plan|push r.io/app:1 D2|restart|plan|lose|plan")]
    [InlineData("push r.io/app:1 D2|plan")]
    [InlineData("plan|edit r.io/app:2|push r.io/app:2 D2|plan")]
    [InlineData("plan|fail r.io/app:1|push r.io/app:1 D2|push r.io/db:1 D2|plan|heal|plan")]
    public void Do_Scenario_EndsUpToDateWithOneRestartForAPush(string steps)
    {
        var simulation = Run(steps);

        Assert.Empty(simulation.Outdated);
        Assert.InRange(simulation.MostRestartsForOnePush, 0, 1);
    }

    [Fact]
    public void Do_AnySteps_RestartsOnceForAPushAtMost() =>
        Check(Steps(Push, Plan, ByHand, Fail, Gen.Constant("hide")), simulation => simulation.MostRestartsForOnePush <= 1);

    // Without edits: last-digest does not contain the image, so after an edit and a lost volume only pods can show what runs.
    [Fact]
    public void Do_AnyStepsAndLostVolumes_RestartsOnceForAPushAtMost() =>
        Check(Steps(Push, Plan, Fail, Gen.Elements("restart", "lose", "hide")), simulation => simulation.MostRestartsForOnePush <= 1);

    [Fact]
    public void Do_AnyPushesAndFailures_MissesNoPush() => Check(Steps(PushNew, Plan, Fail), IsUpToDateInTheEnd);

    // A plan recognises rollouts by others, by hand or for another container. If a former digest is pushed before the next plan, that
    // goes unnoticed: it is the baseline, and pods that report another digest verify nothing. The same applies to a lost volume.
    [Fact]
    public void Do_AnyPushesAndRestartsByHand_MissesNoPush() => Check(Steps(Push, Plan, ByHand.Select(step => step + "|plan")), IsUpToDateInTheEnd);

    private static Gen<string> Push => from tag in Gen.Elements(Simulation.Tags) from digest in Gen.Elements("D1", "D2", "D3") select $"push {tag} {digest}";

    private static Gen<string> PushNew => Gen.Elements(Simulation.Tags).Select(tag => $"push {tag} new");

    private static Gen<string> Plan => Gen.Constant("plan");

    private static Gen<string> ByHand => Gen.OneOf(Gen.Constant("restart"), Gen.Elements(Simulation.Tags).Select(tag => $"edit {tag}"));

    private static Gen<string> Fail => Gen.OneOf(Gen.Constant("heal"), Gen.Elements(Simulation.Tags).Select(tag => $"fail {tag}"));

    private static bool IsUpToDateInTheEnd(Simulation simulation)
    {
        simulation.Do("heal");
        simulation.Do("plan");
        return !simulation.Outdated.Any();
    }

    private static void Check(Gen<string> steps, Func<Simulation, bool> property) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(40),
        Prop.ForAll(Arb.From(steps, Shorter), text => property(Run(text))));

    private static Simulation Run(string steps)
    {
        var simulation = new Simulation();
        foreach (var step in steps.Split('|', StringSplitOptions.RemoveEmptyEntries))
            simulation.Do(step);
        return simulation;
    }

    private static Gen<string> Steps(params Gen<string>[] kinds) => Gen.OneOf(kinds).ListOf().Select(steps => string.Join('|', steps));

    private static IEnumerable<string> Shorter(string text)
    {
        var steps = text.Split('|');
        return Enumerable.Range(0, steps.Length).Select(left => string.Join('|', steps.Where((_, i) => i != left)));
    }
}
