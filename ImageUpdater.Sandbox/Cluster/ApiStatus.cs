using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>An answer that is no object: a failure in almost every case, with the messages of the real API server.</summary>
internal sealed record ApiStatus(int Code, string Reason, string Message)
{
    public JsonObject? Details { get; init; }

    public static ApiStatus NotFound(ResourceKind kind, string name) =>
        new(404, "NotFound", $"{kind.QualifiedPlural} \"{name}\" not found") { Details = Naming(kind, kind.Plural, name) };

    public static ApiStatus UnknownPath { get; } =
        new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    public static ApiStatus AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.QualifiedPlural} \"{name}\" already exists") { Details = Naming(kind, kind.Plural, name) };

    public static ApiStatus Conflict(ResourceKind kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatus Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.QualifiedPlural} \"{name}\": {why}")
        {
            Details = Naming(kind, kind.Plural, name),
        };

    public static ApiStatus Invalid(ResourceKind kind, string name, IReadOnlyList<FieldProblem> problems)
    {
        JsonObject details = Naming(kind, kind.Kind, name);
        // Events are validated as the core kind that they are stored as.
        bool core = kind == ResourceKinds.Events;
        if (core) details.Remove("group");
        details["causes"] = new JsonArray([.. problems.Select(problem => problem.ToJson())]);
        string text = problems.Count == 1 ? problems[0].ToString() : $"[{string.Join(", ", problems)}]";
        return new ApiStatus(422, "Invalid", $"{(core ? kind.Kind : kind.QualifiedKind)} \"{name}\" is invalid: {text}") { Details = details };
    }

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>All that the real server says of a JSON patch that does not apply.</summary>
    public static ApiStatus UnprocessablePatch { get; } =
        new(422, "Invalid", "the server rejected our request due to an error in our request") { Details = [] };

    public static ApiStatus Expired(string message) => new(410, "Expired", message);

    public static ApiStatus MethodNotAllowed { get; } =
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = [] };

    public static ApiStatus UnsupportedPatchType { get; } =
        new(415, "UnsupportedMediaType", "415: Unsupported Media Type") { Details = [] };

    public static ApiStatus UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    public static ApiStatus Unauthorized { get; } = new(401, "Unauthorized", "Unauthorized");

    public static ApiStatus PreconditionFailed(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.QualifiedKind} \"{name}\": {why}") { Details = Naming(kind, kind.Kind, name) };

    /// <summary>What a server says that is told to fail with this status.</summary>
    public static ApiStatus OfCode(int code) => code switch
    {
        401 => Unauthorized,
        403 => new ApiStatus(403, "Forbidden", "forbidden by the sandbox"),
        409 => new ApiStatus(409, "Conflict", "conflict made by the sandbox"),
        410 => Expired("The resourceVersion for the provided watch is too old."),
        429 => new ApiStatus(429, "TooManyRequests", "Too many requests, please try again later."),
        503 => new ApiStatus(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => new ApiStatus(504, "Timeout", "the request timed out"),
        _ => new ApiStatus(code, "InternalError", "Internal error occurred: made by the sandbox"),
    };

    /// <summary>Metadata of the status itself: a continue token, after an older one expired.</summary>
    public JsonObject? Metadata { get; init; }

    public JsonObject ToJson()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Metadata?.DeepClone() ?? new JsonObject(),
            ["status"] = Code < 400 ? "Success" : "Failure",
            ["message"] = Message,
            ["code"] = Code,
        };
        if (Reason.Length > 0) status["reason"] = Reason;
        if (Details is not null) status["details"] = Details.DeepClone();
        return status;
    }

    internal static JsonObject Naming(ResourceKind kind, string kindText, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (kind.Group.Length > 0) details["group"] = kind.Group;
        details["kind"] = kindText;
        return details;
    }
}
