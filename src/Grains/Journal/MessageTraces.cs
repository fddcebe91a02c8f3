using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Journal;

/// <summary>The trace of a message stands in each of its events, also in those made where the message is not at hand.</summary>
internal static class MessageTraces
{
    /// <summary>The same changes, in order; events that name a message and no trace have the message's, if it has one.</summary>
    public static async Task<Change[]> WithTracesAsync(this IArchiveStore archive, IReadOnlyList<Change> changes)
    {
        Guid[] messages = [.. changes.SelectMany(change => change.Events).Where(Lacks).Select(told => told.Message!.Value).Distinct()];
        IReadOnlyDictionary<Guid, string> traces = messages.Length > 0 ? await archive.TraceParentsAsync(messages) : new Dictionary<Guid, string>();
        return traces.Count == 0
            ? [.. changes]
            : [.. changes.Select(change => change with { Events = [.. change.Events.Select(told => Lacks(told) ? told with { TraceParent = traces.GetValueOrDefault(told.Message!.Value) } : told)] })];
    }

    private static bool Lacks(JournalEvent told) => told is { Message: not null, TraceParent: null };
}
