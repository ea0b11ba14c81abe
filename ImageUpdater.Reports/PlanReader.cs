using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Reports;

/// <summary>Converts the file's records to domain types. A plan with a problem is not used at all.</summary>
internal sealed class PlanReader
{
    // As much as the annotation itself is read of.
    private const int MaxLastDigestLength = 32 * 1024;

    private readonly FieldReader fields = new();

    public static Result<StoredPlanDocument, string> Read(PlanDocument document)
    {
        var reader = new PlanReader();
        var plan = reader.Plan(document);
        return reader.fields.Problem is { } problem ? $"the plan can't be used: {problem}" : plan;
    }

    private StoredPlanDocument Plan(PlanDocument document)
    {
        var plan = new RolloutPlan
        {
            CreatedAt = fields.Time(document.CreatedAt, "createdAt"),
            Scope = Scope(document.Scope),
            Workloads = fields.List(document.Workloads, "workloads", Workload),
            Warnings = fields.List(document.Warnings, "warnings", fields.Text),
            ImageCount = fields.Value(document.ImageCount, "imageCount"),
            Limits = document.Limits is { MaxRollouts: { } most, MaxRolloutsPerNamespace: { } perNamespace } ? new PlanLimits(most, perNamespace) : null,
            Images = document.Images is null ? [] : [.. fields.List(document.Images, "images", Image).OfType<ImageOutlook>()],
        };
        foreach (var twice in plan.Workloads.GroupBy(workload => workload.Uid, StringComparer.Ordinal).Where(group => group.Count() > 1))
            fields.Fail($"workloads has uid '{UntrustedText.Bound(twice.Key, 80)}' twice");

        return new StoredPlanDocument(fields.Name(document.Id, "id"), plan);
    }

    private PlanScope Scope(PlanScopeDocument? scope)
    {
        if (scope is null)
            fields.Fail("scope is missing");

        return new PlanScope(
            Namespaces(scope),
            scope is null ? [] : fields.List(scope.Kinds, "scope.kinds", (kind, field) => fields.OneOf(WireNames.Kinds, kind, field)));
    }

    private ImageOutlook? Image(PlanImageDocument image, string field)
    {
        if (!ImageReference.TryParse(image.Image, out var reference))
        {
            fields.Fail($"{field}.image is not a valid image reference");
            return null;
        }

        return new ImageOutlook(
            reference,
            fields.OptionalTime(image.LastChecked, $"{field}.lastChecked"),
            fields.OptionalTime(image.NextCheck, $"{field}.nextCheck"),
            image.Failure is null ? null : fields.Text(image.Failure, $"{field}.failure"))
        {
            Reader = new Reader(fields.OptionalName(image.Namespace, $"{field}.namespace")),
        };
    }

    private IReadOnlyList<string>? Namespaces(PlanScopeDocument? scope)
    {
        if (scope?.Namespaces is { } several)
            return fields.List(several, "scope.namespaces", (name, field) => fields.Name(name, field));
        return fields.OptionalName(scope?.Namespace, "scope.namespace") is { } only ? [only] : null;
    }

    private WorkloadPlan Workload(WorkloadDocument workload, string field)
    {
        var uid = fields.Name(workload.Uid, $"{field}.uid");
        var read = new WorkloadPlan
        {
            Key = new WorkloadKey(
                fields.Name(workload.Namespace, $"{field}.namespace"),
                fields.OneOf(WireNames.Kinds, workload.Kind, $"{field}.kind"),
                fields.Name(workload.Name, $"{field}.name")),
            Uid = uid,
            ResourceVersion = fields.Name(workload.ResourceVersion, $"{field}.resourceVersion"),
            TemplateFingerprint = fields.OptionalName(workload.TemplateFingerprint, $"{field}.templateFingerprint") ?? "",
            Containers = fields.List(workload.Containers, $"{field}.containers", (container, at) => Container(container, uid, at)),
            Warnings = fields.List(workload.Warnings, $"{field}.warnings", fields.Text),
            Restart = workload.Restart is null ? null : Restart(workload.Restart, $"{field}.restart"),
            RemoveLegacyFinalizer = fields.Value(workload.RemoveLegacyFinalizer, $"{field}.removeLegacyFinalizer"),
            IsSelf = fields.Value(workload.IsSelf, $"{field}.isSelf"),
        };
        if ((read.Action == ContainerAction.Restart) != (read.Restart is not null))
            fields.Fail($"{field}.restart must be set if, and only if, a container's action is restart");
        foreach (var twice in read.Containers.GroupBy(container => container.Container, StringComparer.Ordinal).Where(group => group.Count() > 1))
            fields.Fail($"{field}.containers has '{UntrustedText.Bound(twice.Key, 80)}' twice");

        return read;
    }

    private RestartChange Restart(RestartDocument restart, string field)
    {
        var lastDigest = fields.Name(restart.LastDigest, $"{field}.lastDigest", MaxLastDigestLength);
        if (restart.LastDigest is not null && LastDigestMap.Parse(lastDigest).ToString() != lastDigest)
            fields.Fail($"{field}.lastDigest is not name:digest,name:digest, sorted by name");

        return new RestartChange(lastDigest, fields.List(restart.PullPolicies, $"{field}.pullPolicies", PullPolicy))
        {
            Images = restart.Images is null ? [] : fields.List(restart.Images, $"{field}.images", ImageChange),
            PinnedDigest = restart.PinnedDigest is null ? null : fields.Text(restart.PinnedDigest, $"{field}.pinnedDigest"),
        };
    }

    private ImageChange ImageChange(ImageChangeDocument image, string field) => new(
        fields.Name(image.Container, $"{field}.container"),
        fields.Value(image.IsInit, $"{field}.isInit"),
        fields.Text(image.Before, $"{field}.before"),
        fields.Text(image.After, $"{field}.after"));

    private Hold Hold(HoldDocument hold, string field) => new(
        fields.OneOf(WireNames.Reasons, hold.Reason, $"{field}.reason"),
        fields.Text(hold.Explanation, $"{field}.explanation"),
        hold.Until is null ? null : fields.Time(hold.Until, $"{field}.until"));

    private PullPolicyChange PullPolicy(PullPolicyDocument policy, string field) => new(
        fields.Name(policy.Container, $"{field}.container"),
        fields.Value(policy.IsInit, $"{field}.isInit"),
        fields.OptionalName(policy.Before, $"{field}.before"));

    private ContainerDecision Container(ContainerDocument container, string uid, string field)
    {
        var name = fields.Name(container.Name, $"{field}.name");
        var imageText = fields.Text(container.Image, $"{field}.image");
        var image = ImageReference.Parse(imageText).Value;
        var action = fields.OneOf(WireNames.Actions, container.Action, $"{field}.action");
        var needsImage = action == ContainerAction.Restart || container.Adopt is not null;
        if (needsImage && image is null && container.Image is not null)
            fields.Fail($"{field}.image is not a valid image reference");

        return new ContainerDecision(
            name,
            fields.Value(container.IsInit, $"{field}.isInit"),
            imageText,
            image,
            action,
            fields.OneOf(WireNames.Reasons, container.Reason, $"{field}.reason"),
            fields.Text(container.Explanation, $"{field}.explanation"),
            fields.OptionalDigest(container.From, $"{field}.from"),
            action == ContainerAction.Restart ? fields.Digest(container.To, $"{field}.to") : fields.OptionalDigest(container.To, $"{field}.to"),
            container.Adopt is null || image is null ? null : Adopt(container.Adopt, new ContainerId(uid, name), image, $"{field}.adopt"))
        {
            Holds = container.Holds is null ? [] : fields.List(container.Holds, $"{field}.holds", Hold),
            ImageAfter = container.ImageAfter is null ? null : fields.Text(container.ImageAfter, $"{field}.imageAfter"),
        };
    }

    private Baseline Adopt(AdoptDocument adopt, ContainerId id, ImageReference image, string field) => new(
        id,
        image,
        fields.Digest(adopt.Digest, $"{field}.digest"),
        fields.OneOf(WireNames.Origins, adopt.Origin, $"{field}.origin"),
        fields.Time(adopt.Since, $"{field}.since"))
    { IsUnverified = adopt.Unverified == true };
}
