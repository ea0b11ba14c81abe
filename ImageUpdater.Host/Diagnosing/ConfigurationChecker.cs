namespace ImageUpdater.Host.Diagnosing;

/// <summary>The options, and the files of other programs that they name.</summary>
internal static class ConfigurationChecker
{
    /// <param name="problems">With any of these, no command starts.</param>
    /// <param name="warnings">What was ignored.</param>
    public static IEnumerable<Finding> Of(IReadOnlyList<string> problems, IReadOnlyList<string> warnings)
    {
        foreach (var problem in problems)
            yield return new Finding(DoctorCheck.Configuration, FindingStatus.Failed, problem.TrimEnd('.'));
        foreach (var warning in warnings)
            yield return new Finding(DoctorCheck.Configuration, FindingStatus.Warning, warning.TrimEnd('.'));
        if (problems.Count + warnings.Count == 0)
            yield return new Finding(DoctorCheck.Configuration, FindingStatus.Ok, "all options are valid");
    }
}
