namespace ImageUpdater.IntegrationTests.Parts;

public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Looks again and again until it holds. The time is a bound for what is broken, not a measure.</summary>
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
