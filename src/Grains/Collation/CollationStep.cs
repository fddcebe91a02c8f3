using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>What a change of a node's state stores: the next state, what goes with it, and what it tells.</summary>
internal sealed record Move(CollationState Next, IReadOnlyList<Change> With, IReadOnlyList<JournalEvent> Events);

/// <summary>
/// A node's row in memory. Changes go one after another, each one commit that raises the row's version: an activation that
/// is not the only one finds out there, reads again and decides again. A turn is held for the database only, never for
/// another grain.
/// </summary>
internal sealed class CollationStep(CollationKey key, CollationServices services)
{
    private const int Tries = 4;

    private readonly Turns _turns = new();

    /// <summary>Null before the first reading, and when the database has to be asked again.</summary>
    public CollationState? State { get; private set; }

    public AskRow Ask { get; private set; } = null!;

    public Reduction Reduction { get; private set; } = null!;

    public bool IsTop => key.Node == Ask.Top;

    /// <summary>The ask has ended, as far as is known here, or its deadline has passed.</summary>
    public bool IsOver => Ask.State != AskState.Open || services.Now >= Ask.Spec.Deadline;

    /// <param name="again">Whatever is known, ask the database.</param>
    /// <returns>Null: no such ask, or the node takes no part in it.</returns>
    public Task<CollationState?> LoadAsync(bool again = false) => State is { } known && !again ? Task.FromResult<CollationState?>(known) : _turns.Take(() =>
    {
        if (again)
            State = null;
        return ReadAsync();
    });

    /// <summary>The state afterwards, and whether a change was stored.</summary>
    /// <param name="decide">Answers null if there is nothing to change; is asked again if another activation was first.</param>
    /// <exception cref="NotCommittedException">Nothing was stored.</exception>
    /// <exception cref="CommitUnknownException">It may or may not be stored; what counts will be read.</exception>
    public Task<(CollationState? State, bool Stored)> ChangeAsync(Func<CollationState, Move?> decide) => _turns.Take<(CollationState?, bool)>(async () =>
    {
        for (int i = 0; i < Tries; i++)
        {
            CollationState? state = await ReadAsync();
            if (state is null || decide(state) is not { } move)
                return (state, false);
            if (await StoreAsync(state, move) is { } stored)
                return (stored, true);
        }
        throw new NotCommittedException($"Collation {key} changes faster than it can be written.");
    });

    public void Ended(AskState state) => Ask = Ask with { State = state };

    public JournalEvent Event(string type) => new(type, services.Now) { Reference = key.Ask, Node = key.Node, Silo = services.Silo, TraceParent = Ask.TraceParent };

    public JournalEvent Collated(Partial partial) =>
        Event(EventTypes.AskCollated) with { From = Ask.From, Team = Ask.To, Reason = $"{partial.Answered.Length}/{partial.Asked}" };

    /// <summary>Null: a guard did not hold, nothing is stored.</summary>
    private async Task<CollationState?> StoreAsync(CollationState from, Move move)
    {
        var put = new PutCollation(key.Ask, key.Node, from.Version, move.Next.Stage, CollationRecord.Write(move.Next), services.Now) { Events = move.Events };
        State = null;
        ChangeResult[] results = await services.Commits.CommitAsync(new Commit([put, .. move.With], AllOrNothing: true));
        if (!Array.TrueForAll(results, r => r.Applied))
            return null;
        return State = move.Next with { Version = from.Version + 1 };
    }

    private async Task<CollationState?> ReadAsync()
    {
        if (State is not null || await services.Asks.CollationAsync(key.Ask, key.Node) is not { } row)
            return State;
        var reduction = new Reduction(row.Ask.Spec);
        var teams = new List<OwnTeam>(row.Teams.Count);
        foreach (AnswerRow team in row.Teams)
        {
            Reduced? value = team.State == AnswerState.Answered ? await services.FindAsync(reduction, team.Reply!.Value, team.BodyKind, team.Sealed) : null;
            teams.Add(new OwnTeam(team.Team, team.State, team.Reply, value));
        }
        CollationRecord record = CollationRecord.Read(row.Data);
        var values = new List<Reduced?>(record.Taken.Count);
        foreach (TakenRecord taken in record.Taken)
            values.Add(await services.OpenAsync(key.Ask, taken.Node, taken.Value));
        (Ask, Reduction) = (row.Ask, reduction);
        return State = record.ToState(row, teams, values);
    }
}
