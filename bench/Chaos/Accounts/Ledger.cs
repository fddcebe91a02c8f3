using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Accounts;

/// <summary>What one client knows of one message it posted.</summary>
internal sealed record Posted(Post Post)
{
    /// <summary>The first request of its sender that held it, and that request's line.</summary>
    public required int FirstRequest { get; init; }
    public required int Line { get; init; }
    /// <summary>When that request went.</summary>
    public required TimeSpan SentAt { get; init; }
    /// <summary>The request that was answered with an id; null: none was.</summary>
    public int? AcceptedBy { get; init; }
    public Guid? Id { get; init; }
    /// <summary>The code of the answer that refused it for good; null: none did.</summary>
    public string? Refused { get; init; }
}

/// <summary>A delivery as its recipient saw it.</summary>
/// <param name="Name">The post's name, read from the body.</param>
/// <param name="Place">Rises with every delivery that the team sees.</param>
/// <param name="Intact">The body is what was posted, to the character.</param>
/// <param name="At">When its lease was answered.</param>
internal sealed record Arrival(string Team, Guid Message, string Name, int Attempt, int Place, bool Intact, TimeSpan At);

/// <summary>A lease that a team asked for and got no answer to, or one that it was not served: what was leased for it nobody has seen.</summary>
/// <param name="Asked">When it was asked for.</param>
/// <param name="GivenUp">When its caller knew that it had failed.</param>
internal sealed record LostLease(string Team, TimeSpan Asked, TimeSpan GivenUp);

/// <summary>
/// What the clients saw, nothing else: no clock but theirs, no database, no log takes part. Written to by all of them at
/// once, judged when all is over. Times are since its beginning.
/// </summary>
internal sealed class Ledger(TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _began = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Posted> _posted = [];
    private readonly List<Arrival> _arrivals = [];
    private readonly HashSet<(string Team, Guid Message)> _acked = [];
    private readonly List<string> _errors = [], _doubled = [];
    private readonly List<LostLease> _lost = [];
    private readonly Dictionary<string, int> _places = [], _counts = [];

    public TimeSpan Now => _time.GetElapsedTime(_began);

    public void Sent(Post post, int request, int line)
    {
        lock (_lock)
            _posted.TryAdd(post.Name, new(post) { FirstRequest = request, Line = line, SentAt = Now });
    }

    public void Accepted(Post post, int request, Guid id)
    {
        lock (_lock)
        {
            Posted known = _posted[post.Name];
            if (known.Id is { } earlier && earlier != id)
                _doubled.Add($"{post.Name} was accepted as {earlier} and as {id}");
            _posted[post.Name] = known with { AcceptedBy = request, Id = id };
        }
    }

    public void Refused(Post post, string code)
    {
        lock (_lock)
            _posted[post.Name] = _posted[post.Name] with { Refused = code };
    }

    public void Arrived(string team, Guid message, string name, int attempt, bool intact)
    {
        lock (_lock)
        {
            int place = _places[team] = _places.GetValueOrDefault(team) + 1;
            if (_acked.Contains((team, message)))
                _doubled.Add($"{name} ({message}) came to {team} again after its acknowledgement was answered, attempt {attempt}");
            _arrivals.Add(new(team, message, name, attempt, place, intact, Now));
        }
    }

    /// <param name="asked">As <see cref="Now"/> was when it was asked for.</param>
    public void LeaseLost(string team, TimeSpan asked)
    {
        lock (_lock)
            _lost.Add(new(team, asked, Now));
    }

    public void Acked(string team, IEnumerable<Guid> messages)
    {
        lock (_lock)
        {
            foreach (Guid message in messages)
                _acked.Add((team, message));
        }
    }

    /// <summary>An answer that the API does not promise: an undocumented status, a malformed document.</summary>
    public void Error(string what)
    {
        lock (_lock)
            _errors.Add(what);
    }

    /// <summary>Something that is no fault, to be told: a repeat, a connection lost.</summary>
    public void Count(string what)
    {
        lock (_lock)
            _counts[what] = _counts.GetValueOrDefault(what) + 1;
    }

    /// <summary>A copy, which no longer changes.</summary>
    public Account Close()
    {
        lock (_lock)
            return new([.. _posted.Values], [.. _arrivals], new HashSet<(string, Guid)>(_acked), [.. _errors], [.. _doubled], [.. _lost], new Dictionary<string, int>(_counts));
    }
}

/// <summary>A ledger as it stands.</summary>
internal sealed record Account(
    IReadOnlyList<Posted> Posted, IReadOnlyList<Arrival> Arrivals, IReadOnlySet<(string Team, Guid Message)> Acked, IReadOnlyList<string> Errors,
    IReadOnlyList<string> Doubled, IReadOnlyList<LostLease> Lost, IReadOnlyDictionary<string, int> Counts)
{
    /// <summary>(team, message) of everything that must arrive.</summary>
    public IEnumerable<(string Team, Guid Message)> Due() =>
        from one in Posted where one is { Id: not null, Post.Content: Content.Clean } from team in one.Post.Recipients select (team, one.Id!.Value);

    public bool Unanswered => Posted.Any(one => one.Id is null && one.Refused is null);

    public int Missing => Due().Count(due => !Acked.Contains(due));
}
