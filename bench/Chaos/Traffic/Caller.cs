using System.Net.Sockets;
using System.Text.Json;
using ShitOps.Chaos.Accounts;
using ShitOps.Client;

namespace ShitOps.Chaos.Traffic;

/// <summary>
/// A team's way to the API over several gateways, as a careful client goes it: what was not answered, or answered by 429
/// or 503, is asked again, of the next gateway if the connection failed.
/// </summary>
internal sealed class Caller(IReadOnlyList<HttpClient> gateways, string key, string team, Ledger ledger)
{
    /// <summary>Of one attempt. A gateway that hangs is given up after it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150), LongestPause = TimeSpan.FromSeconds(2);
    private readonly ApiClient[] _clients = [.. gateways.Select(http => new ApiClient(http, key, team))];
    private int _gateway = team[^1] % gateways.Count;

    public string Team => team;

    /// <summary>Connection pools to gateways, which give up as a client would.</summary>
    public static HttpClient Connect(Uri address) =>
        new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
        {
            BaseAddress = address,
            Timeout = Patience,
        };

    /// <summary>Asks until there is an answer that means something; null when stopped.</summary>
    /// <param name="unserved">Called for each attempt that had none, with the time on the ledger at which it began.</param>
    public async Task<ApiAnswer?> AskAsync(string what, Func<ApiClient, Task<ApiAnswer>> call, CancellationToken stop, Action<TimeSpan>? unserved = null)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan pause = Pause, asked = ledger.Now;
            try
            {
                ApiAnswer answer = await call(_clients[_gateway]).WaitAsync(stop);
                if (answer.Status is not (429 or 503))
                    return Checked(what, answer);
                unserved?.Invoke(asked);
                ledger.Count($"{what}: {answer.Status}");
                if (answer.NotAProblem(429, 503) is { } fault)
                    ledger.Error($"{what}: {fault}");
                else if (answer.RetryAfter is null)
                    ledger.Error($"{what}: {answer.Status} without Retry-After");
                pause = answer.RetryAfter < LongestPause ? answer.RetryAfter.Value : LongestPause;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or SocketException or TaskCanceledException && !stop.IsCancellationRequested)
            {
                unserved?.Invoke(asked);
                ledger.Count($"{what}: {(error is TaskCanceledException ? "no answer in time" : "no connection")}");
                _gateway = (_gateway + 1) % _clients.Length;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            await Task.Delay(pause, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return null;
    }

    private ApiAnswer Checked(string what, ApiAnswer answer)
    {
        if (answer.Status >= 500)
            ledger.Error($"{what}: {answer.Status} {Short(answer.Text)}");
        return answer;
    }

    public static string Short(string text) => text.Length > 300 ? text[..300] : text;

    /// <summary>The delivery's name and text, as far as the body can be read.</summary>
    public static (string Name, string Text) Read(InboxMessage message)
    {
        if (message.Body.ValueKind != JsonValueKind.Object)
            return ("?", "");
        return (message.Body.Text("name") ?? "?", message.Body.GetRawText());
    }
}
