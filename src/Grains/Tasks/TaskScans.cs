using ShitOps.Grains.Journal;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Tasks;

/// <summary>What became of bodies that were to be stored.</summary>
/// <param name="Available">False: the scanner is away, nothing may be stored.</param>
/// <param name="Bad">By place: those in which something was found, or that could not be scanned.</param>
internal readonly record struct ScanOutcome(bool Available, IReadOnlyList<(int Place, Verdict Verdict)> Bad);

/// <summary>Has bodies and results of tasks scanned before they are stored, some at a time, and tells of those that are refused.</summary>
internal sealed class TaskScans(WorkflowServices services)
{
    private const int AtATime = 200, BytesAtATime = 8 * 1024 * 1024;

    /// <summary>A content, and whose it is.</summary>
    public sealed record Content(MessageContent Body, int Size, string Creator, string Assignee, string Actor, string? TraceParent);

    public async Task<ScanOutcome> ScanAsync(IReadOnlyList<Content> contents)
    {
        var bad = new List<(int, Verdict)>();
        var events = new List<JournalEvent>();
        for (int first = 0; first < contents.Count;)
        {
            int last = first;
            for (int bytes = 0; last < contents.Count && last - first < AtATime && (bytes += contents[last].Size) <= BytesAtATime;)
                last++;
            last = Math.Max(last, first + 1);
            MessageVerdict[] verdicts = await services.Scanner.ScanAsync([.. contents.Skip(first).Take(last - first).Select(c => c.Body)]);
            for (int i = 0; i < verdicts.Length; i++)
            {
                (Guid id, Verdict verdict, string? version, _) = verdicts[i];
                if (verdict.Kind == VerdictKind.Unavailable)
                    return new(false, []);
                if (verdict.Kind == VerdictKind.Clean)
                    continue;
                Content content = contents[first + i];
                bad.Add((first + i, verdict));
                string what = content.Body.Part == 0 ? "body" : "result", kind = Word(verdict);
                TaskLog.Refused(services.Log, id, what, kind, verdict.Detail);
                events.Add(new(EventTypes.TaskRefused, services.Time.GetUtcNow())
                {
                    Reference = id,
                    From = content.Creator,
                    Team = content.Assignee,
                    Actor = content.Actor,
                    Verdict = kind,
                    SignatureVersion = version,
                    Reason = $"{what}: {verdict.Detail ?? kind}",
                    Size = content.Size,
                    Sha256 = content.Body.Sha256,
                    TraceParent = content.TraceParent,
                    Silo = services.Silo,
                });
            }
            first = last;
        }
        if (events.Count > 0)
            await services.Commits.CommitAsync(new Commit([new Note { Events = events }]));
        return new(true, bad);
    }

    /// <summary>infected or unscannable.</summary>
    public static string Word(Verdict verdict) => verdict.Kind == VerdictKind.Infected ? "infected" : "unscannable";
}
