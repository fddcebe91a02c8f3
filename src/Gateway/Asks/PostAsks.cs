using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary><c>POST /v1/asks</c>: a question is a message of a kind of its own, and goes the way of messages.</summary>
internal sealed class PostAsks(SinglePost post, GatewayCounters counters)
{
    public async Task<IResult> HandleAsync(HttpContext http)
    {
        if (!JsonRequest.IsJson(http.Request))
            return Known.BadMediaType;
        AcceptOutcome outcome = await post.PostAsync(http, AskFields.ReadAsk);
        if (outcome.Problem is { } problem)
            return problem;
        counters.Ask();
        http.Response.Headers.Location = $"/v1/asks/{outcome.Id}";
        // A repeat gets the first one's answer, whatever has become of the ask meanwhile.
        return Results.Json(new AcceptedAsk(outcome.Id, Words.Of(AskState.Open)), GatewayJson.Default.AcceptedAsk, statusCode: 202);
    }
}
