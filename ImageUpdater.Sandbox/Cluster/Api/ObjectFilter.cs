using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>What of a kind a list or a watch asks for.</summary>
internal sealed class ObjectFilter
{
    private readonly string? ns;
    private readonly LabelSelector? labels;
    private readonly FieldSelector? fields;

    private ObjectFilter(string? ns, LabelSelector? labels, FieldSelector? fields)
    {
        this.ns = ns;
        this.labels = labels;
        this.fields = fields;
    }

    public bool HasSelectors => labels is not null || fields is not null;

    public bool Matches(StoredObject stored) =>
        (ns is null || stored.Namespace == ns)
        && (labels is null || labels.Matches(stored.Labels))
        && (fields is null || fields.Matches(stored));

    public static ObjectFilter? Parse(ApiTarget target, IQueryCollection query, out ApiStatus? failure)
    {
        failure = null;
        LabelSelector? byLabels = null;
        FieldSelector? byFields = null;
        string? problem = null;
        if (query["labelSelector"].ToString() is { Length: > 0 } labelText) byLabels = LabelSelector.Parse(labelText, out problem);
        if (problem is null && query["fieldSelector"].ToString() is { Length: > 0 } fieldText)
            byFields = FieldSelector.Parse(fieldText, target.Kind, out problem);
        if (problem is null) return new ObjectFilter(target.Namespace, byLabels, byFields);
        failure = ApiStatus.BadRequest(problem);
        return null;
    }
}
