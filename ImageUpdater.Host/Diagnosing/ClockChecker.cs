using ImageUpdater.Kubernetes;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>
/// The clock of this machine against that of the API server. Tokens, certificates, minimum ages and windows depend on it. The server sends whole
/// seconds, and responses take a while.
/// </summary>
internal static class ClockChecker
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    public static Finding Of(ApiServerVersion server)
    {
        if (server.Date is not { } date)
            return new Finding(DoctorCheck.Clock, FindingStatus.Ok, "not compared: the Kubernetes API sends no date");

        var skew = server.Received - date;
        return skew.Duration() <= Tolerance
            ? new Finding(DoctorCheck.Clock, FindingStatus.Ok, $"within {Tolerance.TotalSeconds:0} s of the Kubernetes API's")
            : new Finding(
                DoctorCheck.Clock, FindingStatus.Warning, $"{Words.Span(skew.Duration())} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} that of the Kubernetes API",
                "synchronize both with a time server: holds, tokens and certificates depend on the time");
    }
}
