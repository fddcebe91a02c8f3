using ShitOps.Client.Http;

namespace ShitOps.Client;

public sealed partial class ShitOpsClient
{
    /// <summary>Asks many teams. What they answered comes to the asker's inbox as kind collation, and stands in <see cref="GetAskAsync"/>.</summary>
    /// <param name="traceparent">By default the current activity's.</param>
    public Task<Accepted> AskAsync(NewAsk ask, string? traceparent = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(ask);
        Call call = Call.Post("/v1/asks", ask, ShitOpsJson.Default.NewAsk) with { IdempotencyKey = ask.IdempotencyKey ?? NewKey(), Traceparent = traceparent };
        return _calls.ReadAsync(call, ShitOpsJson.Default.Accepted, stop);
    }

    /// <summary>Replies to an ask, once.</summary>
    /// <exception cref="ShitOpsException">409: this team has replied; 410: the ask has ended.</exception>
    public Task<AcceptedReply> ReplyAsync(Guid ask, NewReply reply, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        // Refused the second time because the first was taken: it is done, only how is not known.
        return _calls.ReadOnceAsync(
            Call.Post($"/v1/asks/{ask}/reply", reply, ShitOpsJson.Default.NewReply), ShitOpsJson.Default.AcceptedReply,
            static _ => Task.FromResult<AcceptedReply?>(new("unknown")), stop);
    }

    /// <summary>The newest first: for a team those it asked or was asked in, for operators all.</summary>
    /// <param name="team">Another than one's own only for operators.</param>
    /// <param name="state">open, complete or partial.</param>
    public IAsyncEnumerable<AskSummary> GetAsksAsync(string? team = null, string? state = null, CancellationToken stop = default) =>
        _calls.ReadAsync<AsksPage, AskSummary>(
            after => Address.Of("/v1/asks", ("team", team), ("state", state), ("after", after)), ShitOpsJson.Default.AsksPage, stop);

    public Task<AskInfo> GetAskAsync(Guid ask, CancellationToken stop = default) =>
        _calls.ReadAsync(Call.Get($"/v1/asks/{ask}"), ShitOpsJson.Default.AskInfo, stop);

    /// <summary>Every reply that counts, in post-order of the tree; for the asker.</summary>
    public IAsyncEnumerable<ReplyInfo> GetRepliesAsync(Guid ask, CancellationToken stop = default) =>
        _calls.ReadAsync<RepliesPage, ReplyInfo>(after => Address.Of($"/v1/asks/{ask}/replies", ("after", after)), ShitOpsJson.Default.RepliesPage, stop);

    public async Task<IReadOnlyList<JournalEvent>> TraceAskAsync(Guid ask, CancellationToken stop = default) =>
        (await _calls.ReadAsync(Call.Get($"/v1/asks/{ask}/trace"), ShitOpsJson.Default.Trace, stop).ConfigureAwait(false)).Events;
}
