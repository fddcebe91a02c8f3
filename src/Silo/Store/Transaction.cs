using System.Data.Common;
using System.Runtime.InteropServices;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Store;

/// <summary>
/// One try to make commits in a transaction. The fast path assumes that every guard holds and lets the count of
/// affected rows prove it; the careful path finds out which hold.
/// </summary>
internal sealed class Transaction(Database database, DbConnection connection, JournalCodec codec, JournalLink? link, TrailRef reference, DateTimeOffset now)
{
    private readonly byte[] _reference = reference.ToBytes();
    private readonly long _at = now.ToUnixTimeMilliseconds();

    /// <summary>The journal row went in: no other transaction holds the number.</summary>
    public bool Began { get; private set; }

    /// <summary>COMMIT was sent.</summary>
    public bool Committing { get; private set; }

    /// <summary>Of the journal row as it is now; null if rows are not sealed.</summary>
    public byte[]? Seal { get; private set; }

    /// <summary>For each commit; null if its fence was void and nothing of it was made.</summary>
    public IReadOnlyList<ChangeResult[]?> Results { get; private set; } = [];

    /// <summary>The events of what was made.</summary>
    public IReadOnlyList<JournalEvent> Events { get; private set; } = [];

    /// <returns>False: the rows affected are not those expected; roll back.</returns>
    public Task<bool> PrepareAsync(IReadOnlyList<Commit> commits, bool careful) => careful ? CarefulAsync(commits) : FastAsync(commits);

    public Task CommitAsync()
    {
        Committing = true;
        return database.ExecuteAsync(connection, "COMMIT");
    }

    public Task RollbackAsync() => database.ExecuteAsync(connection, "ROLLBACK");

    private async Task<bool> FastAsync(IReadOnlyList<Commit> commits)
    {
        var plan = new Plan(database, _reference, byNumber: true);
        var events = new List<JournalEvent>();
        foreach (Commit commit in commits)
        {
            foreach (Change change in commit.Changes)
            {
                plan.Add(change);
                events.AddRange(change.Events);
            }
        }
        plan.Flush();
        var fences = new Fences(database, commits);
        long affected = await database.ExecuteAsync(connection, database.Begin, [JournalRow(events), .. fences.Check, .. plan.Statements, .. plan.Guarded]);
        Began = true;
        if (affected != 1 + fences.Count + plan.Expected + plan.GuardedExpected)
            return false;
        foreach (Change change in plan.Rare)
        {
            if (!await RareChanges.ExecuteAsync(database, connection, change, _reference))
                return false;
        }
        await Trails.AppendAsync(database, connection, plan, _reference);
        await database.ExecuteAsync(connection, null, plan.After);
        Events = events;
        Results = [.. commits.Select(commit => Enumerable.Repeat(new ChangeResult(true), commit.Changes.Count).ToArray())];
        return true;
    }

    private async Task<bool> CarefulAsync(IReadOnlyList<Commit> commits)
    {
        await database.ExecuteAsync(connection, database.Begin, [JournalRow([])]);
        Began = true;
        HashSet<Fence> valid = await new Fences(database, commits).ReadAsync(connection);
        bool MayGo(Commit commit) => commit.Fence is not { } fence || valid.Contains(fence);
        var guards = new Guards(database, connection, _reference);
        await guards.LoadAsync(commits.Where(MayGo).SelectMany(commit => commit.Changes));
        var results = new List<ChangeResult[]?>(commits.Count);
        foreach (Commit commit in commits)
            results.Add(MayGo(commit) ? await guards.DecideAsync(commit) : null);
        await guards.DropExpiredKeysAsync();

        var plan = new Plan(database, _reference, byNumber: false);
        foreach (Change change in guards.Applied)
            plan.Add(change);
        plan.Flush();
        if (await database.ExecuteAsync(connection, null, plan.Statements) != plan.Expected)
            return false;
        await Trails.AppendAsync(database, connection, plan, _reference);
        List<JournalEvent> events = [.. guards.Applied.SelectMany(change => change.Events)];
        if (events.Count > 0)
        {
            byte[] data = codec.Encode(CollectionsMarshal.AsSpan(events));
            Seal = link?.Next(reference.Number, _at, events.Count, data);
            await database.ExecuteAsync(connection, "UPDATE journal SET events = ?, bytes = ?, data = ?, seal = ? WHERE writer = ? AND number = ?",
                events.Count, data.Length, data, Seal, reference.Writer, reference.Number);
        }
        Events = events;
        Results = results;
        return true;
    }

    private Statement JournalRow(List<JournalEvent> events)
    {
        byte[] data = events.Count == 0 ? [] : codec.Encode(CollectionsMarshal.AsSpan(events));
        Seal = link?.Next(reference.Number, _at, events.Count, data);
        return new("INSERT INTO journal (writer, number, at, events, bytes, data, seal) VALUES ", [], "(?,?,?,?,?,?,?)",
            [[reference.Writer, reference.Number, _at, events.Count, data.Length, data, Seal]], "");
    }
}
