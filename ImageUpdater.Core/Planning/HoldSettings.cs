using ImageUpdater.Core.Images;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

internal enum OnFailure
{
    /// <summary>The digest is quarantined. The workload is not changed.</summary>
    Quarantine,

    /// <summary>As <see cref="Quarantine"/>, and the workload is pinned to the previous digest until a newer one is served.</summary>
    PinPrevious,
}

/// <summary>What a workload's annotations require of its restarts; the options are the default.</summary>
/// <param name="Problems">Invalid annotations, one message each. They hold the workload: a guessed value could cause an unwanted restart.</param>
internal sealed record HoldSettings(
    WeeklyWindows Window,
    TimeSpan Cooldown,
    TimeSpan MinAge,
    bool ApprovalRequired,
    string? ApprovedDigests,
    OnFailure OnFailure,
    IReadOnlyList<string> Problems)
{
    /// <summary>Whether a restart sets <c>imagePullPolicy: Always</c>; null as the option says.</summary>
    public bool? PullPolicyAlways { get; init; }

    /// <summary>Whether <c>approved-digest</c> names this digest, for all containers or for this one.</summary>
    public bool Approves(string container, Digest digest) => ApprovedDigests is not null && ApprovedDigests
        .Split(',', StringSplitOptions.TrimEntries)
        .Any(entry => entry == digest.Value || entry == $"{container}:{digest.Value}");
}

/// <summary>Reads <see cref="HoldSettings"/>. Thousands of workloads share a few window texts: each is parsed once per plan.</summary>
internal sealed class HoldSettingsReader(HoldOptions defaults)
{
    private const int MaxApprovedLength = 32 * 1024;

    // The annotations of a workload may hold 256 KiB of names; the plan with its warnings is stored.
    private const int MostNamed = 5;

    // Written by ImageUpdater, so that nobody means anything by them.
    private static readonly string[] OurOwn = [Annotations.LastDigest, Annotations.PinnedDigest];

    private readonly Dictionary<string, Result<WeeklyWindows, string>> windows = new(StringComparer.Ordinal);
    private readonly HoldSettings byDefault = new(
        defaults.Window, defaults.Cooldown, defaults.MinAge, defaults.ApprovalRequired, ApprovedDigests: null, OnFailure.Quarantine, []);

    public HoldSettings Read(WorkloadSnapshot workload)
    {
        var annotations = workload.Annotations;
        var settings = byDefault;
        List<string>? problems = null;
        foreach (var problem in Unread(workload))
            Problem(problem);
        if (Value(Annotations.TrackInitContainers) is { } trackInit && trackInit is not ("true" or "false"))
            Problem($"invalid track-init-containers '{UntrustedText.Bound(trackInit, 80)}'; use \"true\" or \"false\"");
        if (Value(Annotations.Window) is { } window)
            settings = Windows(window).IsSuccess(out var read, out var problem) ? settings with { Window = read } : Problem(problem);
        if (Value(Annotations.Cooldown) is { } cooldown)
            settings = Durations.Parse(cooldown) is { } span ? settings with { Cooldown = span } : Problem(InvalidDuration("cooldown", cooldown));
        if (Value(Annotations.MinAge) is { } minAge)
            settings = Durations.Parse(minAge) is { } span ? settings with { MinAge = span } : Problem(InvalidDuration("min-age", minAge));
        if (Value(Annotations.Approval) is { } approval)
        {
            settings = approval switch
            {
                "required" => settings with { ApprovalRequired = true },
                "none" => settings with { ApprovalRequired = false },
                _ => Problem($"invalid approval '{UntrustedText.Bound(approval, 80)}'; use required or none"),
            };
        }

        if (Value(Annotations.ApprovedDigest) is { } approved)
            settings = NotADigest(approved) is { } wrong ? Problem($"invalid approved-digest '{UntrustedText.Bound(wrong, 80)}'; use full digests, separated by commas, each optionally prefixed with a container name and a colon") : settings with { ApprovedDigests = approved };
        if (Value(Annotations.RolloutTimeout) is { } timeout && RolloutDeadline.Parse(timeout) is null)
            settings = Problem($"{InvalidDuration("rollout-timeout", timeout)}, more than 0");
        if (Value(Annotations.OnFailure) is { } onFailure)
        {
            settings = onFailure switch
            {
                "pin-previous" => settings with { OnFailure = OnFailure.PinPrevious },
                "quarantine" => settings with { OnFailure = OnFailure.Quarantine },
                _ => Problem($"invalid on-failure '{UntrustedText.Bound(onFailure, 80)}'; use pin-previous or quarantine"),
            };
        }

        if (Value(Annotations.PullPolicy) is { } pullPolicy)
        {
            settings = pullPolicy switch
            {
                "always" => settings with { PullPolicyAlways = true },
                "keep" => settings with { PullPolicyAlways = false },
                _ => Problem($"invalid pull-policy '{UntrustedText.Bound(pullPolicy, 80)}'; use always or keep"),
            };
        }

        return problems is null ? settings : settings with { Problems = problems };

        string? Value(string key) => annotations.TryGetValue(key, out var text) ? text.Trim() : null;

        HoldSettings Problem(string problem)
        {
            (problems ??= []).Add(problem);
            return settings;
        }
    }

    // What would be ignored: the workload would be restarted although somebody asked for something else.
    private static List<string> Unread(WorkloadSnapshot workload)
    {
        var unknown = workload.Annotations.Keys.Select(key => key[Annotations.Prefix.Length..]).Except(Annotations.Names).Order(StringComparer.Ordinal)
            .Select(name => (Name: name, IsUnknown: true));
        var below = workload.TemplateAnnotations.Where(annotation => workload.Annotations.GetValueOrDefault(annotation.Key) != annotation.Value && !OurOwn.Contains(annotation.Key))
            .Select(annotation => annotation.Key[Annotations.Prefix.Length..]).Order(StringComparer.Ordinal)
            .Select(name => (Name: name, IsUnknown: false));
        var all = unknown.Concat(below).ToList();
        // Only those that are named are compared with the known names, which is slow.
        List<string> named = [.. all.Take(MostNamed).Select(one => one.IsUnknown
            ? $"unknown annotation '{UntrustedText.Bound(one.Name, 80)}'; {Instead(one.Name)}"
            : $"the annotation {UntrustedText.Bound(one.Name, 80)} is on the pod template; set it in the metadata of the workload")];
        return all.Count <= MostNamed ? named : [.. named, $"{all.Count - MostNamed} more annotations are unknown or on the pod template"];
    }

    private static string Instead(string name) =>
        ClosestName.Find(name, Annotations.Names) is { } close ? $"did you mean '{close}'?" : $"valid annotations: {string.Join(", ", Annotations.Names)}";

    private Result<WeeklyWindows, string> Windows(string text)
    {
        if (!windows.TryGetValue(text, out var parsed))
            windows.Add(text, parsed = WeeklyWindows.Parse(text));
        return parsed;
    }

    private static string InvalidDuration(string annotation, string text) =>
        $"invalid {annotation} '{UntrustedText.Bound(text, 80)}'; use {Durations.Examples}";

    private static string? NotADigest(string text)
    {
        if (text.Length > MaxApprovedLength)
            return text;

        return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(entry =>
            !Digest.TryParse(entry, out _) && !Digest.TryParse(entry[(entry.IndexOf(':') + 1)..], out _));
    }
}
