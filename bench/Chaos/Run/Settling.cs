using System.Diagnostics;
using System.Text;
using MySqlConnector;
using ShitOps.Chaos.Accounts;
using ShitOps.Chaos.Traffic;
using ShitOps.Client;

namespace ShitOps.Chaos.Run;

/// <summary>The end of a run: waits until all is quiet, and asks the system what it says itself.</summary>
internal sealed class Settling(Ledger ledger, ShitOpsCluster cluster, TimeSpan patience)
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(250);

    /// <summary>Until everything was answered, delivered, acknowledged and quarantined, or nothing has moved for long.</summary>
    public async Task UntilQuietAsync(Task sending, CancellationToken stop)
    {
        long moved = Stopwatch.GetTimestamp();
        (int, int, int) before = default;
        using var pulse = new PeriodicTimer(Pulse);
        while (Stopwatch.GetElapsedTime(moved) < patience && await pulse.WaitForNextTickAsync(stop))
        {
            Account account = ledger.Close();
            if (sending.IsCompleted && account.Missing == 0 && (await UnfoundAsync(account)) == 0)
                return;
            (int, int, int) now = (account.Acked.Count, account.Arrivals.Count, account.Posted.Count(p => p.Id is not null));
            if (now != before)
                (before, moved) = (now, Stopwatch.GetTimestamp());
        }
    }

    private async Task<int> UnfoundAsync(Account account)
    {
        HashSet<Guid> found;
        try
        {
            found = await QuarantinedAsync();
        }
        catch (Exception error) when (Eventually.IsPassing(error))
        {
            found = [];
        }
        return account.Posted.Count(p => p is { Id: not null, Post.Content: not Content.Clean } && !found.Contains(p.Id!.Value));
    }

    private async Task<HashSet<Guid>> QuarantinedAsync() => [.. (await cluster.Security.QuarantineAsync()).Select(e => e.Message).OfType<Guid>()];

    public async Task<Evidence> GatherAsync(Account account)
    {
        HashSet<Guid> quarantined = await AnsweredAsync(QuarantinedAsync);
        var states = new Dictionary<Guid, string>();
        IEnumerable<Guid> odd = account.Due().Where(due => !account.Acked.Contains(due)).Select(due => due.Message)
            .Concat(account.Posted.Where(p => p is { Id: not null, Post.Content: not Content.Clean } && !quarantined.Contains(p.Id!.Value)).Select(p => p.Id!.Value));
        foreach (Guid id in odd.Distinct().Take(200))
            states[id] = await StateAsync(id);
        return new(states, quarantined, await JournalAsync(), await PlainAsync(), await NumbersAsync());
    }

    private async Task<Dictionary<(string, Guid), long>> NumbersAsync()
    {
        var numbers = new Dictionary<(string, Guid), long>();
        await using var connection = new MySqlConnection(cluster.Database.ConnectionString);
        await connection.OpenAsync();
        await using MySqlCommand command = connection.CreateCommand();
        command.CommandText = "SELECT team, message_id, seq FROM delivery";
        await using MySqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            numbers[(reader.GetString(0), new Guid((byte[])reader.GetValue(1), bigEndian: true))] = reader.GetInt64(2);
        return numbers;
    }

    private async Task<string> StateAsync(Guid id)
    {
        ApiAnswer answer = await AnsweredAsync(async () => await cluster.Operator.GetAsync($"/v1/messages/{id}") is { Status: not 503 } known ? known : throw new HttpRequestException("503"));
        return answer.Status == 200 ? answer.Json.Text("state") ?? "?" : $"answered by {answer.Status}";
    }

    private async Task<Dictionary<(string, Guid, string), int>> JournalAsync()
    {
        var counts = new Dictionary<(string, Guid, string), int>();
        foreach (JournalEvent one in await AnsweredAsync(() => cluster.Operator.EventsAsync()))
        {
            if (one.Message is not { } id)
                continue;
            bool ofTeam = one.Type is "message.delivered" or "message.acknowledged";
            (string, Guid, string) key = (one.Type, id, ofTeam ? one.Team ?? "" : "");
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return counts;
    }

    /// <summary>Asks again while the answer is 503 or none, as any client does: on a machine that others use too, that tells of the machine.</summary>
    private async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        using var pulse = new PeriodicTimer(Pulse);
        for (long start = Stopwatch.GetTimestamp(); ; await pulse.WaitForNextTickAsync())
        {
            try
            {
                return await ask();
            }
            catch (Exception error) when (Stopwatch.GetElapsedTime(start) < patience && Eventually.IsPassing(error))
            {
                // Again, as long as there is patience.
            }
        }
    }

    private async Task<List<string>> PlainAsync()
    {
        var found = new List<string>();
        byte[] mark = Encoding.ASCII.GetBytes(Post.Mark);
        byte[] dump = await cluster.Database.DumpAsync();
        if (dump.AsSpan().IndexOf(mark) is >= 0 and int at)
            found.Add($"a body stands in the database's dump at {at}");
        found.AddRange(cluster.Logs().Where(log => log.Text.Contains(Post.Mark, StringComparison.Ordinal)).Select(log => $"a body stands in what {log.Name} wrote"));
        return found;
    }
}
