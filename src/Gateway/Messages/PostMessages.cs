using System.Text;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary><c>POST /v1/messages</c>: one message as JSON; a bulk goes on to <see cref="PostBulk"/>.</summary>
internal sealed class PostMessages(
    SinglePost post, PostBulk bulk, IGrainFactory grains, TreeWatch tree, ClusterCalls calls, GatewayCounters counters, TimeProvider time,
    IHostApplicationLifetime life)
{
    public const string LinesMediaType = "application/x-ndjson";

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        if (JsonRequest.IsOf(http.Request, LinesMediaType))
            return await bulk.HandleAsync(http);
        if (!JsonRequest.IsJson(http.Request))
            return Known.BadMediaType;
        AcceptOutcome outcome = await post.PostAsync(http, MessageFields.ReadSingle);
        counters.Post(accepted: outcome.Problem is null);
        if (outcome.Problem is { } problem)
            return problem;
        http.Response.Headers.Location = $"/v1/messages/{outcome.Id}";
        if (MessageHeaders.PreferWait(http.Request) is { } seconds)
        {
            http.Response.Headers["Preference-Applied"] = $"wait={seconds}";
            if (await SettledAsync(http, outcome, TimeSpan.FromSeconds(seconds)) is { } view)
                return Results.Json(MessageResource.Of(view, withSubject: true), GatewayJson.Default.MessageResource);
        }
        return new AcceptedResult(outcome);
    }

    /// <summary>The message once it is settled; null if it is not in time, nobody can tell, or this gateway is stopping.</summary>
    private async Task<MessageView?> SettledAsync(HttpContext http, AcceptOutcome outcome, TimeSpan wait)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        try
        {
            MessageState state = outcome.State;
            if (!state.IsSettled() && tree.Current?.Find(http.CallerTeam()) is { } place)
                state = await WaitAsync(grains.Node(place.Node), outcome.Id, wait, stop.Token);
            return state.IsSettled() ? await calls.RetryAsync(() => grains.Archive().Message(outcome.Id), http.RequestAborted) : null;
        }
        catch (Exception error) when (error is ProblemException || Transience.IsTransient(error))
        {
            // It is stored, and that is all a 202 says.
            return null;
        }
    }

    private async Task<MessageState> WaitAsync(INodeGrain hub, Guid message, TimeSpan wait, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            long began = time.GetTimestamp();
            TimeSpan slice = time.NextWait(wait, start);
            MessageState state = await hub.WaitUntilSettled(message, slice).WaitAsync(slice + TimeSpan.FromSeconds(1), stop);
            if (state.IsSettled() || time.NextWait(wait, start) == TimeSpan.Zero || time.GetElapsedTime(began) < slice / 2)
                return state;
        }
    }

    /// <summary>202 <c>{"id","state"}</c>, written without detours: it is the most frequent answer of all.</summary>
    private sealed class AcceptedResult(AcceptOutcome outcome) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            byte[] bytes = Encoding.UTF8.GetBytes($$"""{"id":"{{outcome.Id}}","state":"{{outcome.State.ToApi()}}"}""");
            HttpResponse response = httpContext.Response;
            response.StatusCode = StatusCodes.Status202Accepted;
            response.ContentType = "application/json";
            response.ContentLength = bytes.Length;
            await response.BodyWriter.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }
}
