namespace ImageUpdater.Reports;

/// <summary>
/// A plan as a file, formatVersion 1. Separate from the domain types, so that old plans stay readable when those change.
/// Every member is nullable: <see cref="PlanReader"/> reports missing fields by name.
/// </summary>
/// <param name="Counts">For readers of the file; recalculated when it is read.</param>
internal sealed record PlanDocument(
    string? Kind,
    string? FormatVersion,
    string? Id,
    string? CreatedAt,
    PlanScopeDocument? Scope,
    PlanCountsDocument? Counts,
    int? ImageCount,
    IReadOnlyList<WorkloadDocument?>? Workloads,
    IReadOnlyList<string?>? Warnings,
    IReadOnlyList<PlanImageDocument?>? Images,
    PlanLimitsDocument? Limits = null);

/// <summary>Since 1.2.</summary>
/// <param name="LastChecked">Absent where the image never was.</param>
/// <param name="NextCheck">Absent where it is due.</param>
/// <param name="Failure">Of the last check; absent when it succeeded.</param>
/// <param name="Namespace">The namespace whose pull secrets it is read with; absent for what all share. Since 1.6.</param>
internal sealed record PlanImageDocument(string? Image, string? LastChecked, string? NextCheck, string? Failure, string? Namespace = null);

/// <param name="Namespace">The only one; absent for all and for several.</param>
/// <param name="Namespaces">Several; since 1.1.</param>
internal sealed record PlanScopeDocument(string? Namespace, IReadOnlyList<string?>? Namespaces, IReadOnlyList<string?>? Kinds);

/// <param name="Outdated">Since 1.4.</param>
/// <param name="Enabled">Since 1.5; absent, as <paramref name="NotEnabled"/> is, in plans that were stored.</param>
/// <param name="Queued">Since 1.6; before that, part of <paramref name="Held"/>.</param>
internal sealed record PlanCountsDocument(
    int Restart, int Adopted, int Held, int Skipped, int Unchanged, int Outdated = 0, int? Enabled = null, int? NotEnabled = null, int Queued = 0);

/// <summary>Since 1.4; absent in plans that were stored.</summary>
internal sealed record PlanLimitsDocument(int? MaxRollouts, int? MaxRolloutsPerNamespace);

/// <param name="TemplateFingerprint">Absent in plans that were not made from a cluster; since 1.3.</param>
/// <param name="Action">For readers of the file: the most important of the containers' actions.</param>
internal sealed record WorkloadDocument(
    string? Namespace,
    string? Kind,
    string? Name,
    string? Uid,
    string? ResourceVersion,
    string? TemplateFingerprint,
    string? Action,
    bool? IsSelf,
    bool? RemoveLegacyFinalizer,
    RestartDocument? Restart,
    IReadOnlyList<ContainerDocument?>? Containers,
    IReadOnlyList<string?>? Warnings);

/// <param name="Images">Absent for none; since 1.2.</param>
/// <param name="PinnedDigest">The annotation's new value, empty to remove it; absent to leave it. Since 1.2.</param>
internal sealed record RestartDocument(
    string? LastDigest, IReadOnlyList<PullPolicyDocument?>? PullPolicies, IReadOnlyList<ImageChangeDocument?>? Images, string? PinnedDigest);

internal sealed record PullPolicyDocument(string? Container, bool? IsInit, string? Before);

internal sealed record ImageChangeDocument(string? Container, bool? IsInit, string? Before, string? After);

/// <param name="Image">As the workload writes it.</param>
/// <param name="Reference">For readers of the file: the image's normal form, absent when it has none.</param>
/// <param name="Holds">Absent for none; since 1.2.</param>
/// <param name="ImageAfter">What the restart writes as the image; absent to leave it. Since 1.2.</param>
internal sealed record ContainerDocument(
    string? Name,
    bool? IsInit,
    string? Image,
    string? Reference,
    string? Action,
    string? Reason,
    string? Explanation,
    string? From,
    string? To,
    AdoptDocument? Adopt,
    IReadOnlyList<HoldDocument?>? Holds,
    string? ImageAfter);

/// <param name="Until">When it ends by itself; absent where it does not.</param>
internal sealed record HoldDocument(string? Reason, string? Explanation, string? Until);

/// <param name="Unverified">Absent unless it is; since 1.4.</param>
internal sealed record AdoptDocument(string? Digest, string? Origin, string? Since, bool? Unverified = null);
