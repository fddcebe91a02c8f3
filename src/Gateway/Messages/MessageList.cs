using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A message in a list: never its body.</summary>
/// <param name="State">queued, held, delivered, acknowledged, quarantined, dead, expired or cancelled.</param>
/// <param name="Kind">message, ask, collation, task, notice or reply.</param>
public sealed record MessageListItem(
    Guid Id, string From, string To, string? Subject, string State, string Kind, DateTimeOffset AcceptedAt, DateTimeOffset? SettledAt, int Size, int Node)
{
    internal static MessageListItem Of(MessageSummary m) =>
        new(m.Id, m.From, m.To, m.Subject, m.State.ToApi(), Words.Of(m.Kind), m.AcceptedAt, m.SettledAt, m.Size, m.Node);
}

/// <param name="Next">There may be more; a page may be short, or empty, and still have one: how far one call looks is bounded.</param>
public sealed record MessagesPage(IReadOnlyList<MessageListItem> Messages, string? Next);

/// <summary><c>GET /v1/messages</c>: all for operators; a team sees what it sent or what was delivered to it.</summary>
internal sealed class MessageLists(IGrainFactory grains, ClusterCalls calls)
{
    public const string Sent = "sent", Received = "received";
    public static readonly string[] States = ["queued", "held", "delivered", "acknowledged", "quarantined", "dead", "expired", "cancelled"];

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        var query = new Query(http.Request);
        string? team = query.Text("team", Limits.TeamNameLength);
        bool received = query.OneOf("direction", Sent, Received) == Received;
        string? state = query.OneOf("state", States);
        var asked = new MessageQuery(team, received, StateOf(state), query.Time("since"), query.Time("until"), query.After(), query.PageSize());
        query.ThrowIfFaulty();
        return Own(asked, http.Caller()) is { } own
            ? Results.Json(await ReadAsync(own, http.RequestAborted), GatewayJson.Default.MessagesPage)
            : Problems.Known.Forbidden;
    }

    /// <summary>What of that the caller may see; null: nothing.</summary>
    public static MessageQuery? Own(MessageQuery asked, Caller caller) => caller switch
    {
        { Role: Role.Operator } => asked.Team is null ? asked with { Received = false } : asked,
        { Team: { } team } when asked.Team is null || asked.Team == team => asked with { Team = team },
        _ => null,
    };

    public async Task<MessagesPage> ReadAsync(MessageQuery query, CancellationToken stop)
    {
        Page<MessageSummary> page = await calls.PageAsync(query.After, () => grains.Archive().Messages(query), stop);
        return new([.. page.Items.Select(MessageListItem.Of)], page.Next);
    }

    public static MessageState? StateOf(string? word) =>
        word is null ? null : Enum.GetValues<MessageState>().First(state => state != MessageState.Scheduled && state.ToApi() == word);
}
