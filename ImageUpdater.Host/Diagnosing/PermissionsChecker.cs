using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>An answer of the API server about a permission of the caller.</summary>
internal sealed record ReviewedPermission(string? Namespace, Permission Permission, Result<ReviewedAccess, KubernetesFailure> Answer);

/// <summary>The permissions that the caller lacks, as the Role to add.</summary>
internal static class PermissionsChecker
{
    public static IEnumerable<Finding> Of(IReadOnlyList<ReviewedPermission> reviews)
    {
        // All of them usually fail for the same reason.
        if (reviews.Select(review => review.Answer.Failure).FirstOrDefault(failure => failure is not null) is { } unknown)
        {
            yield return new Finding(
                DoctorCheck.Permissions, FindingStatus.Warning, $"the Kubernetes API does not say what this account may do: {unknown.Message}",
                "usually the ClusterRole system:basic-user lets everybody create SelfSubjectAccessReviews; compare the account's roles with docs/examples/rbac.yaml");
        }

        var asked = reviews.Where(review => review.Answer.Value is not null).ToList();
        var missing = asked.Where(review => !review.Answer.Value!.IsAllowed).ToList();
        foreach (var scope in missing.GroupBy(review => review.Namespace))
        {
            var permissions = scope.Select(review => review.Permission).ToList();
            var where = scope.Key is null ? "in the whole cluster" : $"in namespace {scope.Key}";
            yield return new Finding(
                DoctorCheck.Permissions,
                permissions.Exists(permission => permission.IsNeeded) ? FindingStatus.Failed : FindingStatus.Warning,
                $"missing {where}: {string.Join("; ", Rules(permissions).Select(rule => $"{string.Join(", ", rule.Verbs)} {string.Join(", ", rule.Resources)}"))}",
                $"add the {KindOf(scope.Key)} below, and bind it to the account",
                Role(scope.Key, permissions));
        }

        if (asked.Count > 0 && missing.Count == 0)
            yield return new Finding(DoctorCheck.Permissions, FindingStatus.Ok, $"the account has {Words.Count(asked.Count, "permission")} that this configuration needs");
    }

    private static string KindOf(string? @namespace) => @namespace is null ? "ClusterRole" : "Role";

    private static string Role(string? @namespace, IReadOnlyList<Permission> permissions)
    {
        var yaml = new StringBuilder($"apiVersion: rbac.authorization.k8s.io/v1\nkind: {KindOf(@namespace)}\nmetadata:\n  name: image-updater-missing\n");
        if (@namespace is not null)
            yaml.Append($"  namespace: {@namespace}\n");
        yaml.Append("rules:\n");
        foreach (var (group, resources, verbs) in Rules(permissions))
            yaml.Append($"  - apiGroups: [\"{group}\"]\n    resources: [{Quoted(resources)}]\n    verbs: [{Quoted(verbs)}]\n");
        return yaml.ToString();
    }

    // Resources of a group that lack the same verbs share a rule.
    private static IEnumerable<(string Group, string[] Resources, string[] Verbs)> Rules(IEnumerable<Permission> permissions) => permissions
        .GroupBy(permission => (permission.Group, permission.Resource), permission => permission.Verb)
        .GroupBy(resource => (resource.Key.Group, Verbs: string.Join(' ', resource)), resource => resource.Key.Resource)
        .Select(rule => (rule.Key.Group, rule.ToArray(), rule.Key.Verbs.Split(' ')));

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
