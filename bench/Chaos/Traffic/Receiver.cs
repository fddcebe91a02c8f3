using System.Text.Json;
using ShitOps.Chaos.Accounts;
using ShitOps.Client;

namespace ShitOps.Chaos.Traffic;

/// <summary>One team's inbox: leases, reads, acknowledges, and sends a few back first.</summary>
internal sealed class Receiver(Caller caller, Ledger ledger, int seed, Func<string, Post?> find)
{
    /// <summary>Short, so that what was leased by an answer that got lost comes again soon.</summary>
    public const int LeaseSeconds = 8;
    private const int Most = 100;

    public async Task RunAsync(Action<string> received, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            ApiAnswer? answer = await caller.AskAsync("GET /v1/inbox", client => client.GetAsync($"/v1/inbox?max={Most}&wait=2&lease={LeaseSeconds}"), stop,
                asked => ledger.LeaseLost(caller.Team, asked));
            if (answer is null)
                return;
            if (answer.Status != 200)
            {
                ledger.Error($"GET /v1/inbox: {answer.Status} {Caller.Short(answer.Text)}");
                continue;
            }
            Delivery[] leased = answer.Json.GetProperty("deliveries").Deserialize<Delivery[]>(JsonSerializerOptions.Web) ?? [];
            if (leased.Length == 0)
                continue;
            foreach (Delivery delivery in leased)
                Note(delivery, received);
            await AcknowledgeAsync([.. leased.Select(d => d.DeliveryId)], [.. leased.Select(d => d.Message.Id)], stop);
        }
    }

    private void Note(Delivery delivery, Action<string> received)
    {
        (string name, string text) = Caller.Read(delivery.Message);
        bool intact = find(name)?.Body(seed) == text;
        ledger.Arrived(caller.Team, delivery.Message.Id, name, delivery.Attempt, intact);
        received(name);
    }

    private async Task AcknowledgeAsync(Guid[] deliveries, Guid[] messages, CancellationToken stop)
    {
        ApiAnswer? answer = await caller.AskAsync("POST /v1/inbox/ack", client => client.PostAsync("/v1/inbox/ack", new { deliveries }), stop);
        if (answer is null)
            return;
        if (answer.Status != 200)
        {
            ledger.Error($"POST /v1/inbox/ack: {answer.Status} {Caller.Short(answer.Text)}");
            return;
        }
        // An acknowledgement that came before counts again; unknown is only what was never delivered.
        Guid[] unknown = answer.Json.GetProperty("unknown").Deserialize<Guid[]>(JsonSerializerOptions.Web) ?? [];
        if (unknown.Length > 0)
            ledger.Error($"{caller.Team} acknowledged what it had been given, and was told that {unknown[0]} and {unknown.Length - 1} more are unknown");
        ledger.Acked(caller.Team, messages.Where((_, i) => !unknown.Contains(deliveries[i])));
    }
}
