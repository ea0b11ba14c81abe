using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>Checks an error as the user sees it: exit code 1, and one line on stderr.</summary>
internal static class Message
{
    private const string Start = "image-updater: ";

    /// <summary>The message, without the prefix of every line. It must contain all of these texts.</summary>
    public static string Of(HostResult result, params IEnumerable<string> words)
    {
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.True(result.Errors.StartsWith(Start, StringComparison.Ordinal), result.ToString());
        Assert.True(result.Errors.TrimEnd('\n').IndexOf('\n') < 0, $"more than a line: {result}");
        Assert.All(result.Errors.TrimEnd('\n'), character => Assert.False(char.IsControl(character)));
        Assert.DoesNotContain("   at ", result.Errors);
        Assert.DoesNotContain("System.", result.Errors);
        Assert.DoesNotContain("Exception", result.Errors);
        var message = result.Errors[Start.Length..].TrimEnd('\n');
        Assert.All(words, word => Assert.Contains(word, message));
        return message;
    }
}
