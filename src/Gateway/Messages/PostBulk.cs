using System.IO.Pipelines;
using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>
/// <c>POST /v1/messages</c> with one message a line (https://github.com/ndjson/ndjson-spec). All lines are read before
/// the first is stored, so that a bulk that is too long stores nothing; then each stands for itself.
/// </summary>
internal sealed class PostBulk(MessagePoster poster, AcceptQueues queues, TeamRates rates, GatewayCounters counters)
{
    private const byte NewLine = (byte)'\n';
    private static readonly Problem LineTooLong = new(413, "too_large", $"The line is longer than {Limits.RequestBytes} bytes.");

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        if (http.Request.Headers.ContainsKey("Idempotency-Key"))
            return AcceptProblems.Of(Fault.OfParameter("Idempotency-Key", "bad_idempotency_key", "A bulk carries an 'idempotencyKey' in each line.", 400));
        string team = http.CallerTeam();
        Posted[] posted;
        using (RequestBody body = await RequestBody.ReadAsync(http.Request, Limits.BulkBytes))
        {
            List<Range> lines = Lines(body.Bytes.Span);
            if (lines.Count > Limits.BulkLines)
                return new Problem(413, "too_many_lines", $"A bulk has at most {Limits.BulkLines} lines; nothing was stored.");
            if (lines.Count == 0)
                return Known.Malformed("There is no line in it.");
            posted = await PostAsync(http, team, body.Bytes, lines);
        }
        return new LinesResult(posted, queues, counters);
    }

    private async Task<Posted[]> PostAsync(HttpContext http, string team, ReadOnlyMemory<byte> body, List<Range> lines)
    {
        PostContext context = await poster.BeginAsync(team, http.RequestAborted);
        int allowed = rates.Take(team, lines.Count, out Problem? tooFast);
        if (allowed == 0)
            throw new ProblemException(tooFast!);
        string? traceParent = GatewayTrace.Parent(http.Request);
        var posted = new Posted[lines.Count];
        for (int i = 0; i < lines.Count; i++)
        {
            ReadOnlyMemory<byte> line = body[lines[i]];
            // Refused lines are the last ones: what came before them keeps its order.
            posted[i] = i >= allowed ? new(null, tooFast)
                : line.Length > Limits.RequestBytes ? new(null, LineTooLong)
                : await PostLineAsync(context, line, traceParent, http.RequestAborted);
        }
        poster.Send(context, posted);
        return posted;
    }

    private async ValueTask<Posted> PostLineAsync(PostContext context, ReadOnlyMemory<byte> line, string? traceParent, CancellationToken stop)
    {
        try
        {
            return await poster.PrepareAsync(context, line, MessageFields.ReadLine, null, traceParent, stop);
        }
        catch (ProblemException error)
        {
            return new(null, error.Problem);
        }
    }

    /// <summary>Lines end with \n or \r\n; the last one may go without. An empty line in between is a line.</summary>
    internal static List<Range> Lines(ReadOnlySpan<byte> text)
    {
        var lines = new List<Range>();
        for (int start = 0; start < text.Length;)
        {
            int length = text[start..].IndexOf(NewLine);
            int end = length < 0 ? text.Length : start + length;
            int next = length < 0 ? end : end + 1;
            if (end > start && text[end - 1] == (byte)'\r')
                end--;
            lines.Add(start..end);
            start = next;
            // One more than allowed is enough to know.
            if (lines.Count > Limits.BulkLines)
                break;
        }
        return lines;
    }

    /// <summary>200 with one answer a line, in order.</summary>
    private sealed class LinesResult(Posted[] posted, AcceptQueues queues, GatewayCounters counters) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = PostMessages.LinesMediaType;
            PipeWriter output = response.BodyWriter;
            using var writer = new Utf8JsonWriter(output);
            foreach ((PendingAccept? item, Problem? problem) in posted)
            {
                AcceptOutcome outcome = item is null ? default(AcceptOutcome) with { Problem = problem } : await queues.AcceptAsync(item);
                counters.Post(accepted: outcome.Problem is null);
                WriteLine(writer, outcome);
                writer.Flush();
                output.GetSpan(1)[0] = NewLine;
                output.Advance(1);
                writer.Reset();
            }
            await output.FlushAsync(httpContext.RequestAborted);
        }

        private static void WriteLine(Utf8JsonWriter writer, AcceptOutcome outcome)
        {
            writer.WriteStartObject();
            if (outcome.Problem is { } problem)
            {
                writer.WritePropertyName("problem");
                problem.WriteTo(writer);
            }
            else
            {
                writer.WriteString("id", outcome.Id);
                writer.WriteString("state", outcome.State.ToApi());
            }
            writer.WriteEndObject();
        }
    }
}
