using System.Diagnostics;
using System.Globalization;
using ShitOps.Chaos.Accounts;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Measure;

/// <summary>
/// Traffic that goes on and on at one rate, message by message, with the same ledger as a campaign's: what is measured
/// while something was lost is no measure.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _sendingEnds = new(), _receivingEnds = new();
    private readonly Dictionary<string, Post> _posts = [];
    private readonly Lock _lock = new();
    private readonly HttpClient[] _gateways;
    private readonly List<Task> _sending = [], _receiving = [];
    private readonly DateTimeOffset _began = TimeProvider.System.GetUtcNow();
    private readonly int _seed;
    private readonly string[] _teams;

    private SteadyLoad(ShitOpsCluster cluster, int seed, string[] teams) =>
        (_gateways, _seed, _teams) = ([.. cluster.Gateways.Select(g => Caller.Connect(g.Address!))], seed, teams);

    public Ledger Ledger { get; } = new();

    /// <summary>Told of each delivery: the team, and when.</summary>
    public event Action<string, long>? Received;

    /// <summary>Told of each accepted post: when it was answered, and how long that took.</summary>
    public event Action<long, TimeSpan>? Accepted;

    /// <param name="rate">Messages a second, over all teams.</param>
    public static async Task<SteadyLoad> StartAsync(ShitOpsCluster cluster, int seed, int teams, int rate)
    {
        string[] names = [.. Enumerable.Range(0, teams).Select(TrafficPlan.Team)];
        var load = new SteadyLoad(cluster, seed, names);
        var keys = new Dictionary<string, string>();
        for (int i = 0; i < teams; i++)
            keys[names[i]] = (await cluster.Operator.CreateTeamAsync(names[i], TrafficPlan.FunctionOf(i))).Client.Key!;
        foreach ((string team, string key) in keys)
        {
            load._receiving.Add(load.ReceiveAsync(team, new Caller(load._gateways, key, team, load.Ledger)));
            load._sending.Add(load.SendAsync(team, new Caller(load._gateways, key, team, load.Ledger), TimeSpan.FromSeconds((double)teams / rate)));
        }
        return load;
    }

    /// <summary>Posts no more, and waits until what was accepted has come; answers how many have not.</summary>
    public async Task<Account> DrainAsync(TimeSpan patience)
    {
        await _sendingEnds.CancelAsync();
        await Task.WhenAll(_sending);
        long start = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (Ledger.Close().Missing > 0 && Stopwatch.GetElapsedTime(start) < patience)
            await pulse.WaitForNextTickAsync();
        await _receivingEnds.CancelAsync();
        await Task.WhenAll(_receiving);
        return Ledger.Close();
    }

    private async Task SendAsync(string team, Caller caller, TimeSpan every)
    {
        var sender = new Sender(caller, Ledger, _seed, _began);
        var random = new Random((_seed * 1_000_003) ^ Array.IndexOf(_teams, team));
        long start = Stopwatch.GetTimestamp();
        for (int number = 0; !_sendingEnds.IsCancellationRequested; number++)
        {
            string to = _teams[(Array.IndexOf(_teams, team) + 1 + random.Next(_teams.Length - 1)) % _teams.Length];
            var post = new Post(team, number, to, [to], "", Content.Clean, 500);
            lock (_lock)
                _posts[post.Name] = post;
            await sender.RunAsync([new(TimeSpan.Zero, [post])], took => Accepted?.Invoke(Stopwatch.GetTimestamp(), took), _sendingEnds.Token);
            TimeSpan left = (every * (number + 1)) - Stopwatch.GetElapsedTime(start);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, TimeProvider.System, _sendingEnds.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReceiveAsync(string team, Caller caller)
    {
        var receiver = new Receiver(caller, Ledger, _seed, name => { lock (_lock) return _posts.GetValueOrDefault(name); });
        await receiver.RunAsync(_ => Received?.Invoke(team, Stopwatch.GetTimestamp()), _receivingEnds.Token);
    }

    /// <summary>What went wrong, in a line each; empty if nothing did.</summary>
    public static IReadOnlyList<string> Wrong(Account account) =>
    [
        .. account.Missing > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{account.Missing} accepted messages did not come")] : Array.Empty<string>(),
        .. account.Doubled, .. account.Errors,
    ];

    public async ValueTask DisposeAsync()
    {
        await _sendingEnds.CancelAsync();
        await _receivingEnds.CancelAsync();
        await Task.WhenAll([.. _sending, .. _receiving]);
        foreach (HttpClient gateway in _gateways)
            gateway.Dispose();
        _sendingEnds.Dispose();
        _receivingEnds.Dispose();
    }
}
