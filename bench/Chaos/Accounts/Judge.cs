using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Accounts;

/// <summary>What the system itself says once all is quiet, to be held against the ledger.</summary>
/// <param name="States">Of messages that did not arrive: the state that the API tells, or "unknown".</param>
/// <param name="Quarantined">Messages with an entry in quarantine.</param>
/// <param name="Journal">How often the journal tells each event of a message and team ("" for none).</param>
/// <param name="Plain">Where a body was found in the clear.</param>
/// <param name="Numbers">How the database numbered each team's inbox.</param>
internal sealed record Evidence(
    IReadOnlyDictionary<Guid, string> States, IReadOnlySet<Guid> Quarantined, IReadOnlyDictionary<(string Type, Guid Message, string Team), int> Journal,
    IReadOnlyList<string> Plain, IReadOnlyDictionary<(string Team, Guid Message), long> Numbers);

/// <summary>The outcome of a run. All lists empty: nothing is wrong.</summary>
internal sealed record Verdict
{
    public required int Accepted { get; init; }
    public required int Due { get; init; }
    public required int Delivered { get; init; }
    public required int Acked { get; init; }
    /// <summary>Deliveries that came again before they were acknowledged, as they may.</summary>
    public required int Again { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Faults { get; init; }
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    public bool Clean => Faults.Values.All(list => list.Count == 0);
}

/// <summary>Holds a ledger against the guarantees. Pure.</summary>
internal static class Judge
{
    private const string Overtaken = "overtaken without an ordering key, during an unanswered lease";

    /// <summary>
    /// So long after a caller has given a lease up, somebody on the way may still be at it: a gateway that tries again, an
    /// inbox that books what ran out.
    /// </summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(Receiver.LeaseSeconds);

    public static readonly string[] Kinds = ["lost", "doubled", "out of order", "leaked", "plain", "stuck", "garbled", "errors", "journal"];

    public static Verdict Hold(Account account, Evidence evidence)
    {
        var faults = Kinds.ToDictionary(kind => kind, _ => new List<string>());
        var arrived = account.Arrivals.ToLookup(a => (a.Team, a.Message));
        Missing(account, evidence, arrived, faults);
        Contents(account, faults);
        Doubled(account, faults["doubled"]);
        int overtaken = Order(account, faults["out of order"]);
        Numbered(account, evidence, faults["out of order"]);
        Journal(account, evidence, faults["journal"]);
        faults["plain"].AddRange(evidence.Plain);
        faults["errors"].AddRange(account.Errors);
        (string Team, Guid Message)[] due = [.. account.Due()];
        return new()
        {
            Accepted = account.Posted.Count(p => p.Id is not null),
            Due = due.Length,
            Delivered = due.Count(arrived.Contains),
            Acked = due.Count(account.Acked.Contains),
            Again = account.Arrivals.Count - arrived.Count,
            Faults = faults.ToDictionary(f => f.Key, f => (IReadOnlyList<string>)f.Value),
            Counts = overtaken == 0 ? account.Counts : new Dictionary<string, int>(account.Counts) { [Overtaken] = overtaken },
        };
    }

    private static void Missing(Account account, Evidence evidence, ILookup<(string, Guid), Arrival> arrived, Dictionary<string, List<string>> faults)
    {
        foreach (Posted one in account.Posted.Where(p => p.Id is null && p.Refused is null))
            faults["stuck"].Add($"{one.Post.Name}: no answer to its post until the end");
        foreach ((string team, Guid message) in account.Due().Where(due => !arrived.Contains(due)))
        {
            string state = evidence.States.GetValueOrDefault(message, "unknown");
            faults[state is "queued" or "held" or "delivered" ? "stuck" : "lost"].Add($"{message} for {team}: never came, its state is {state}");
        }
        foreach ((string team, Guid message) in account.Due().Where(due => arrived.Contains(due) && !account.Acked.Contains(due)))
            faults["stuck"].Add($"{message} for {team}: came, but no acknowledgement was answered");
        foreach (Posted one in account.Posted.Where(p => p is { Id: not null, Post.Content: not Content.Clean } && !evidence.Quarantined.Contains(p.Id!.Value)))
            faults["stuck"].Add($"{one.Post.Name} ({one.Id}), {one.Post.Content}: not in quarantine, its state is {evidence.States.GetValueOrDefault(one.Id!.Value, "unknown")}");
    }

    private static void Contents(Account account, Dictionary<string, List<string>> faults)
    {
        Dictionary<string, Posted> posted = account.Posted.ToDictionary(p => p.Post.Name);
        foreach (Arrival arrival in account.Arrivals)
        {
            if (!posted.TryGetValue(arrival.Name, out Posted? one))
                faults["garbled"].Add($"{arrival.Message} at {arrival.Team} is '{arrival.Name}', which nobody posted");
            else if (one.Post.Content != Content.Clean)
                faults["leaked"].Add($"{arrival.Name} ({arrival.Message}), {one.Post.Content}, came to {arrival.Team}");
            else if (!one.Post.Recipients.Contains(arrival.Team))
                faults["leaked"].Add($"{arrival.Name} ({arrival.Message}) came to {arrival.Team}, to whom it was not sent");
            else if (!arrival.Intact)
                faults["garbled"].Add($"{arrival.Name} ({arrival.Message}) came to {arrival.Team} with another body");
            else if (one.Refused is { } code)
                faults["doubled"].Add($"{arrival.Name} ({arrival.Message}) came to {arrival.Team}, though its sender was told {code}");
            else if (one.Id is { } id && id != arrival.Message)
                faults["doubled"].Add($"{arrival.Name} came to {arrival.Team} as {arrival.Message}, its sender knows it as {id}");
        }
    }

    private static void Doubled(Account account, List<string> doubled)
    {
        doubled.AddRange(account.Doubled);
        foreach (var one in account.Arrivals.GroupBy(a => (a.Team, a.Name)).Where(g => g.Select(a => a.Message).Distinct().Count() > 1))
            doubled.Add($"{one.Key.Name} came to {one.Key.Team} as {string.Join(" and ", one.Select(a => a.Message).Distinct())}");
    }

    /// <summary>
    /// Of two messages of a lane the first is known to be earlier if it was accepted before the second was sent, or if
    /// both went and were accepted in one request. Without an ordering key the next one does not wait for what a lease has
    /// handed out: if that lease went unanswered, what came while it may have lasted is told, and is no fault.
    /// </summary>
    /// <returns>Those without an ordering key that came after a later one, when they may have been in a lease that went unanswered.</returns>
    private static int Order(Account account, List<string> wrong)
    {
        int overtaken = 0;
        Dictionary<Guid, Posted> posted = Ordered(account);
        var lanes = account.Arrivals.Where(a => posted.ContainsKey(a.Message))
            .GroupBy(a => (a.Team, a.Message)).Select(g => g.MinBy(a => a.Place)!)
            .GroupBy(a => (a.Team, posted[a.Message].Post.Sender, posted[a.Message].Post.Lane));
        foreach (var lane in lanes)
        {
            foreach ((Arrival arrival, Arrival later) in Overtakings(lane.OrderBy(a => a.Place), a => posted[a.Message]))
            {
                if (lane.Key.Lane!.Length == 0 && account.Lost.Any(lost => MayHaveHeld(lost, posted[arrival.Message], later)))
                    overtaken++;
                else
                    wrong.Add($"{arrival.Name} ({arrival.Message}, attempt {arrival.Attempt}) came to {arrival.Team} after {later.Name} ({later.Message})");
            }
        }
        return overtaken;
    }

    /// <summary>Whether the lease may have had that message, which was there by then, when a later one was handed out.</summary>
    private static bool MayHaveHeld(LostLease lost, Posted one, Arrival later) =>
        lost.Team == later.Team && one.SentAt <= lost.GivenUp + Late && later.At >= lost.Asked && later.At <= lost.GivenUp + Lease + Late;

    /// <summary>The same in the database, where no lease can be an excuse.</summary>
    private static void Numbered(Account account, Evidence evidence, List<string> wrong)
    {
        Dictionary<Guid, Posted> posted = Ordered(account);
        foreach (var lane in evidence.Numbers.Where(n => posted.ContainsKey(n.Key.Message))
            .GroupBy(n => (n.Key.Team, posted[n.Key.Message].Post.Sender, posted[n.Key.Message].Post.Lane)))
        {
            foreach (var (one, later) in Overtakings(lane.OrderBy(n => n.Value), n => posted[n.Key.Message]))
                wrong.Add($"{one.Key.Message} is number {one.Value} of {one.Key.Team}'s inbox, behind {later.Key.Message}, which was posted after it");
        }
    }

    private static Dictionary<Guid, Posted> Ordered(Account account) =>
        account.Posted.Where(p => p is { Id: not null, Post.Lane: not null }).ToDictionary(p => p.Id!.Value);

    /// <summary>In a row of a lane, each that stands behind one that was posted after it.</summary>
    private static IEnumerable<(T One, T Later)> Overtakings<T>(IEnumerable<T> row, Func<T, Posted> of)
    {
        (T Item, Posted Posted)? latest = null;
        foreach (T item in row)
        {
            Posted one = of(item);
            if (latest is { } later && IsBefore(one, later.Posted))
                yield return (item, later.Item);
            if (latest is null || latest.Value.Posted.AcceptedBy <= one.AcceptedBy)
                latest = (item, one);
        }
    }

    private static bool IsBefore(Posted one, Posted other) =>
        one.AcceptedBy < other.FirstRequest
        || (one.AcceptedBy == other.AcceptedBy && one.FirstRequest == one.AcceptedBy && other.FirstRequest == other.AcceptedBy && one.Line < other.Line);

    private static void Journal(Account account, Evidence evidence, List<string> wrong)
    {
        foreach (Posted one in account.Posted.Where(p => p.Id is not null))
        {
            Guid id = one.Id!.Value;
            Exactly(1, "message.accepted", id, "");
            if (one.Post.Content != Content.Clean)
                continue;
            if (evidence.Journal.GetValueOrDefault(("message.scanned", id, "")) == 0)
                wrong.Add($"{one.Post.Name} ({id}): no message.scanned");
            foreach (string team in one.Post.Recipients)
            {
                Exactly(1, "message.delivered", id, team);
                Exactly(1, "message.acknowledged", id, team);
            }
        }

        void Exactly(int times, string type, Guid id, string team)
        {
            int found = evidence.Journal.GetValueOrDefault((type, id, team));
            if (found != times)
                wrong.Add($"{id} {team}: {type} is told {found} times");
        }
    }
}
