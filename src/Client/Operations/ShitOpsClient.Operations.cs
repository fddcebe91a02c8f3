using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>What is in quarantine, newest first; for operators and security.</summary>
    /// <param name="state">waiting, released or purged; null for all.</param>
    public IAsyncEnumerable<QuarantineEntry> GetQuarantineAsync(string? state = null, CancellationToken stop = default) =>
        _calls.ReadAsync<QuarantinePage, QuarantineEntry>(after => Address.Of("/v1/quarantine", ("state", state), ("after", after)), ShitOpsJson.Default.QuarantinePage, stop);

    public Task<QuarantineEntry> GetQuarantineEntryAsync(Guid id, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/quarantine/{id}"), ShitOpsJson.Default.QuarantineEntry, stop);

    /// <summary>Lets it continue its journey; for security. The reason is journalled.</summary>
    /// <exception cref="ShitOpsException">409 already_decided.</exception>
    public Task<Decided> ReleaseAsync(Guid id, string reason, CancellationToken stop = default) => DecideAsync(id, "release", "released", reason, stop);

    /// <summary>Destroys the body; for security. The reason is journalled.</summary>
    /// <exception cref="ShitOpsException">409 already_decided.</exception>
    public Task<Decided> PurgeAsync(Guid id, string reason, CancellationToken stop = default) => DecideAsync(id, "purge", "purged", reason, stop);

    private Task<Decided> DecideAsync(Guid id, string action, string state, string reason, CancellationToken stop) =>
        _calls.ReadOnceAsync(
            Call.Post($"/v1/quarantine/{id}/{action}", new Decision(reason), ShitOpsJson.Default.Decision), ShitOpsJson.Default.Decided,
            // Decided so for that very reason, after an answer that was lost: it was this call.
            async _ => await GetQuarantineEntryAsync(id, stop).ConfigureAwait(false) is { } entry && entry.State == state && entry.Reason == reason
                ? new Decided(id, state) : null,
            stop);

    /// <summary>Dead letters by reason; a team sees its own.</summary>
    public async Task<IReadOnlyList<DeadLetterGroup>> GetDeadLettersAsync(string? team = null, string? reason = null, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Get(Address.Of("/v1/dead-letters", ("team", team), ("reason", reason))), ShitOpsJson.Default.DeadLetterGroups, stop).ConfigureAwait(false)).Groups;

    /// <summary>Puts dead letters back into the outbox of their sender's node; for operators.</summary>
    /// <returns>How many. After a lost answer: how many the last attempt found.</returns>
    public async Task<int> ReplayAsync(DeadLetterChoice which, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Post("/v1/dead-letters/replay", which, ShitOpsJson.Default.DeadLetterChoice), ShitOpsJson.Default.Replayed, stop).ConfigureAwait(false)).Count;

    /// <summary>Gives dead letters up for good; for operators.</summary>
    /// <returns>How many. After a lost answer: how many the last attempt found.</returns>
    public async Task<int> DiscardAsync(DeadLetterChoice which, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Post("/v1/dead-letters/discard", which, ShitOpsJson.Default.DeadLetterChoice), ShitOpsJson.Default.Discarded, stop).ConfigureAwait(false)).Count;

    /// <summary>The journal, oldest first; for operators.</summary>
    /// <param name="type">A type ending in * is a prefix.</param>
    public IAsyncEnumerable<JournalEvent> GetEventsAsync(string? type = null, string? team = null, CancellationToken stop = default) =>
        _calls.ReadAsync<EventsPage, JournalEvent>(after => Address.Of("/v1/events", ("type", type), ("team", team), ("limit", 1_000), ("after", after)), ShitOpsJson.Default.EventsPage, stop);

    /// <summary>Looks whether the journal is what was written, part by part; for operators and security. A long journal has thousands of parts.</summary>
    public async IAsyncEnumerable<JournalPart> VerifyJournalAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        string? after = null;
        do
        {
            JournalPart part = await _calls.ReadAsync(Call.Get(Address.Of("/v1/events/verification", ("after", after))), ShitOpsJson.Default.JournalPart, stop).ConfigureAwait(false);
            yield return part;
            after = part.Next;
        }
        while (after is not null);
    }

    /// <summary>Whether messages can be accepted. Not tried again: it tells how it is now.</summary>
    public Task<Readiness> GetReadinessAsync(CancellationToken stop = default) => _calls.OnceAsync(
        Call.Get("/health/ready"),
        static async (response, until) => await response.Content.ReadFromJsonAsync(ShitOpsJson.Default.Readiness, until).ConfigureAwait(false)
            ?? throw new InvalidDataException("GET /health/ready answered null"),
        null, stop, takes: 503);

    /// <summary>Whether the gateway's process runs: returns or throws. Not tried again.</summary>
    public Task CheckLiveAsync(CancellationToken stop = default) =>
        _calls.OnceAsync(Call.Get("/health/live"), static (_, _) => Task.FromResult(true), null, stop);

    /// <summary>The gateway's measurements as OpenMetrics text; for operators.</summary>
    public async Task<string> GetMetricsAsync(CancellationToken stop = default) =>
        Encoding.UTF8.GetString(await _calls.BytesAsync(Call.Get("/metrics"), stop).ConfigureAwait(false));
}
