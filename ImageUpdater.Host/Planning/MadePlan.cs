using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Host.Planning;

/// <param name="Id">Of the stored plan that its restarts belong to: this one, or the one that queued them.</param>
/// <param name="IsStored">False for a plan without changes that no user requested.</param>
/// <param name="Input">The complete input of the plan, including the resolved inputs.</param>
/// <param name="OpenRollouts">Rollouts that had not ended when the plan was made.</param>
internal sealed record MadePlan(string Id, bool IsStored, RolloutPlan Plan, PlanningInput Input, IReadOnlyList<Rollout> OpenRollouts);
