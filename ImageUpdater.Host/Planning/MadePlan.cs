using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Host.Planning;

/// <param name="IsStored">False for a plan that says nothing new and that nobody asked for.</param>
/// <param name="Input">All that it was made from, with what the planner asked for.</param>
/// <param name="OpenRollouts">Those whose end was not known when it was made.</param>
internal sealed record MadePlan(string Id, bool IsStored, RolloutPlan Plan, PlanningInput Input, IReadOnlyList<Rollout> OpenRollouts);
