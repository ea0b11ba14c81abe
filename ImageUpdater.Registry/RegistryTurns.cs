namespace ImageUpdater.Registry;

/// <summary>
/// How many registries are asked at the same time, which also bounds the sockets: anybody who can create workloads can name thousands. The others wait,
/// and a turn ends after 30 seconds if one waits. Registries whose last turn was shorter go first, and some turns are for them only: neither new names
/// nor slow registries make them wait. Thread-safe.
/// </summary>
/// <param name="most">The limit.</param>
/// <param name="reserved">How many of these only registries get whose last turn was short.</param>
internal sealed class RegistryTurns(TimeProvider time, int most = RegistryTurns.Most, int reserved = RegistryTurns.Most / 4)
{
    public const int Most = 32;

    /// <summary>How long a turn lasts if another registry waits.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    // Names cost nothing, so that there may be any number of them.
    private const int MaxRemembered = 1000;

    private readonly Lock gate = new();
    private readonly LinkedList<Turn> prompt = [];
    private readonly LinkedList<Turn> others = [];
    private readonly Dictionary<string, long> lastPrompt = new(StringComparer.OrdinalIgnoreCase);
    private int running;
    private int runningOthers;

    /// <summary>Waits for a turn, which ends when it is disposed of.</summary>
    public async Task<Turn> TakeAsync(string registry, CancellationToken cancellationToken)
    {
        Turn turn;
        lock (gate)
        {
            turn = new Turn(this, registry, lastPrompt.ContainsKey(registry));
            QueueOf(turn).AddLast(turn);
            StartNext();
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => Cancel(turn, cancellationToken), state: null);
        await turn.Started;
        return turn;
    }

    private LinkedList<Turn> QueueOf(Turn turn) => turn.IsPrompt ? prompt : others;

    private void StartNext()
    {
        while (running < most && (prompt.First ?? (runningOthers < most - reserved ? others.First : null)) is { } next)
        {
            next.List!.Remove(next);
            running++;
            runningOthers += next.Value.IsPrompt ? 0 : 1;
            next.Value.Start(time.GetTimestamp());
        }
    }

    private void Cancel(Turn turn, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (QueueOf(turn).Remove(turn))
                turn.Cancel(cancellationToken);
        }
    }

    private bool IsOver(Turn turn)
    {
        lock (gate)
            return prompt.Count + others.Count > 0 && time.GetElapsedTime(turn.StartedAt) >= Length;
    }

    private void End(Turn turn)
    {
        lock (gate)
        {
            running--;
            runningOthers -= turn.IsPrompt ? 0 : 1;
            lastPrompt.Remove(turn.Registry);
            if (time.GetElapsedTime(turn.StartedAt) < Length)
                Remember(turn.Registry);
            StartNext();
        }
    }

    private void Remember(string registry)
    {
        if (lastPrompt.Count >= MaxRemembered)
            lastPrompt.Remove(lastPrompt.MinBy(known => known.Value).Key);
        lastPrompt.Add(registry, time.GetTimestamp());
    }

    internal sealed class Turn(RegistryTurns turns, string registry, bool isPrompt) : IDisposable
    {
        private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Registry => registry;

        /// <summary>Whether the last turn of the registry was short.</summary>
        public bool IsPrompt => isPrompt;

        public long StartedAt { get; private set; }

        public Task Started => started.Task;

        /// <summary>Whether it has lasted long enough, and another registry waits.</summary>
        public bool IsOver => turns.IsOver(this);

        public void Start(long timestamp)
        {
            StartedAt = timestamp;
            started.SetResult();
        }

        public void Cancel(CancellationToken cancellationToken) => started.SetCanceled(cancellationToken);

        public void Dispose() => turns.End(this);
    }
}
