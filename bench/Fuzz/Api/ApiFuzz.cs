using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ShitOps.Fuzz.Api;

/// <summary>
/// Asks a running program for whatever its OpenAPI document names, rightly and wrongly. It must answer everything, never
/// by 500, errors as problem documents, and be as well afterwards as before.
/// </summary>
internal sealed partial class ApiFuzz(int seed, TimeSpan time)
{
    private const int AtOnce = 8, Remembered = 400;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(45);

    /// <summary>How long the start takes on a machine that others use is not what is tested.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly List<string> _known = ["qa", "dev", "ops", "QA", "Web", "function:QA", "below:dev", "all"];
    private int _cases;

    /// <exception cref="InvalidOperationException">The program ended.</exception>
    public async Task<Findings> RunAsync(CancellationToken stop)
    {
        await using StandaloneProcess program = await StandaloneProcess.StartAsync(limit: StartLimit);
        int port = program.Program.Address!.Port;
        JsonElement document = (await program.Operator.As(null).GetAsync("/openapi/v1.json")).Json;
        var keys = new List<string> { program.OperatorKey, program.SecurityKey, "nobody" };
        foreach (string team in (string[])["qa", "dev", "ops"])
            keys.AddRange(Enumerable.Repeat((await program.Operator.CreateTeamAsync(team, team == "qa" ? "QA" : "Web")).Client.Key!, 3));
        // Who deletes the teams whose keys are used finds nothing behind the door any more.
        Operation[] operations = [.. Operation.All(document).Where(o => o is not { Method: "DELETE", Path: "/v1/teams/{name}" or "/v1/teams/{name}/keys/{keyId}" })];
        var maker = new RequestMaker(document, operations, keys);
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < time && !stop.IsCancellationRequested && program.Program.IsRunning)
                await TryAsync(maker, port, Interlocked.Increment(ref _cases));
        }));
        if (!program.Program.IsRunning)
            _faults.Enqueue($"it ended with {program.Program.ExitCode}:\n{program.Program.Tail()}");
        else
            await IsWellAsync(program);
        foreach (string line in program.Program.Output.Split('\n').Where(line => line.Contains("\"log.level\":\"Error\"", StringComparison.OrdinalIgnoreCase)).Take(5))
            _faults.Enqueue($"it told of an error: {(line.Length > 1500 ? line[..1500] : line)}");
        return new(_cases, _outcomes, [.. _faults]);
    }

    private async Task TryAsync(RequestMaker maker, int port, int number)
    {
        string[] known;
        lock (_known)
            known = [.. _known];
        FuzzCase one = maker.Make(seed, number, known);
        try
        {
            RawAnswer answer = await RawHttp.SendAsync(port, one.Bytes, one.IsHttp, Hang);
            _outcomes.AddOrUpdate(answer.Status.ToString(CultureInfo.InvariantCulture), 1, (_, n) => n + 1);
            if (Fault(one, answer) is { } fault)
                _faults.Enqueue($"case {number}, {fault}: {one.Shown} → {(answer.Body.Length > 400 ? answer.Body[..400] : answer.Body)}");
            Remember(answer);
        }
        catch (TimeoutException)
        {
            _faults.Enqueue($"case {number}, no answer within {Hang.TotalSeconds} s: {one.Shown}");
        }
        catch (System.Net.Sockets.SocketException error)
        {
            _faults.Enqueue($"case {number}, {error.SocketErrorCode}: {one.Shown}");
        }
    }

    private static string? Fault(FuzzCase one, RawAnswer answer)
    {
        if (answer.Status is >= 500 and not (501 or 503 or 505))
            return $"{answer.Status}";
        if (!one.IsHttp)
            return null;
        if (answer.Status == 0)
            return "no answer";
        // What the server itself cannot read never reaches the API.
        if (answer.Status is >= 400 and not (400 or 414 or 431) && answer.Body.Length > 0 && Json.ProblemOf(answer.Body) is null)
            return $"{answer.Status} without a problem document";
        if (answer.Status < 300 && !answer.IsFile && answer.ContentType.StartsWith("application/json", StringComparison.Ordinal) && !IsJson(answer.Body))
            return "an answer that is no JSON";
        return null;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using JsonDocument _ = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return text.Length == 0;
        }
    }

    /// <summary>Ids that an answer names lead to places where no made-up one does.</summary>
    private void Remember(RawAnswer answer)
    {
        if (answer.Status is 0 or >= 400)
            return;
        foreach (Match id in Ids().Matches(answer.Body).Take(5))
        {
            lock (_known)
            {
                if (_known.Count >= Remembered)
                    _known.RemoveAt(8 + (id.Value[^1] % (Remembered - 8)));
                _known.Add(id.Value);
            }
        }
    }

    private async Task IsWellAsync(StandaloneProcess program)
    {
        try
        {
            (ApiClient from, _) = await program.Operator.CreateTeamAsync("after-from");
            (ApiClient to, _) = await program.Operator.CreateTeamAsync("after-to");
            await from.SendAsync(NewMessage.Text("after-to", "after all"));
            await to.ReceiveAsync(1);
        }
        catch (Exception error) when (Eventually.IsPassing(error))
        {
            _faults.Enqueue($"afterwards no message travels: {error.Message}");
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Ids();
}
