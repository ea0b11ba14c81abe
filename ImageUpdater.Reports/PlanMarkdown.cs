using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A plan as Markdown, for a merge request, a ticket or a chat.</summary>
public static class PlanMarkdown
{
    // A plan has a row for every container of a large cluster, and the template is ours.
    private static readonly RenderLimits Limits = new() { Time = TimeSpan.FromMinutes(2), Characters = 256 * 1024 * 1024 };

    private static readonly Lazy<TextTemplate> Template = new(() => TextTemplate.BuiltIn("plan.md.scriban", TemplateEncoding.Markdown));

    public static string Write(string planId, RolloutPlan plan) =>
        Template.Value.Render(PlanPage.Of(planId, plan), Limits).IsSuccess(out var rendered, out var failure)
            ? rendered.Text
            : throw new InvalidOperationException(failure);
}
