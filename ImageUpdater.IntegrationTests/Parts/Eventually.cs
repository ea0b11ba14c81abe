namespace ImageUpdater.IntegrationTests.Parts;

public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Repeats until the condition holds. The time limit only bounds failing tests.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> holds, Func<string>? evidence = null)
    {
        var until = DateTimeOffset.UtcNow + Patience;
        while (!await holds())
        {
            Assert.True(DateTimeOffset.UtcNow < until, $"{what}: not within {Patience}\n{evidence?.Invoke()}");
            await Task.Delay(100);
        }
    }
}
