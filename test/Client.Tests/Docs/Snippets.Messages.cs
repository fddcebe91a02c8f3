using System.Text;

namespace ShitOps.Client.Tests.Docs;

internal static partial class Snippets
{
    public static async Task MessagesAsync(ShitOpsClient dev)
    {
        #region POST /v1/messages
        Accepted accepted = await dev.SendAsync(NewMessage.Json("qa-web", """{"ready":true}""") with { Subject = "build 812" });

        // Waits until it has settled, 5 s at most.
        MessageInfo settled = await dev.SendAndWaitAsync(NewMessage.Text("qa-web", "and this"), TimeSpan.FromSeconds(5));
        Console.WriteLine($"{settled.Id} is {settled.State}");

        // Many: 1,000 to a request. One that is refused does not stop the others.
        IEnumerable<NewMessage> builds = Enumerable.Range(1, 3).Select(n => NewMessage.Text("qa-web", $"build {n}") with { OrderingKey = "builds" });
        await foreach (BulkResult result in dev.SendManyAsync(builds))
            Console.WriteLine(result.IsAccepted ? $"{result.Id}" : $"refused: {result.Problem!.Code}");
        #endregion

        #region GET /v1/messages
        await foreach (MessageSummary sent in dev.GetMessagesAsync(new(State: "delivered")).Take(10))
            Console.WriteLine($"{sent.AcceptedAt:O} to {sent.To}: {sent.Subject}");
        #endregion

        #region GET /v1/messages/{id}
        MessageInfo message = await dev.GetMessageAsync(accepted.Id);
        foreach (DeliveryInfo delivery in message.Deliveries)
            Console.WriteLine($"{delivery.Team}: {delivery.State}");
        #endregion

        #region GET /v1/messages/{id}/trace
        foreach (JournalEvent step in await dev.TraceMessageAsync(accepted.Id))
            Console.WriteLine($"{step.At:O} {step.Type} at node {step.Node} {step.Verdict}");
        #endregion

        #region DELETE /v1/messages/{id}
        Accepted later = await dev.SendAsync(NewMessage.Text("qa-web", "tomorrow") with { DeliverAt = TimeProvider.System.GetUtcNow().AddDays(1) });
        Console.WriteLine((await dev.CancelMessageAsync(later.Id)).State);
        #endregion

        #region PUT /v1/attachments
        Attachment log = await dev.AttachAsync(Encoding.UTF8.GetBytes("a long log"), "text/plain");
        await dev.SendAsync(NewMessage.Text("qa-web", "the log") with { Attachments = [log.Id] });
        byte[] back = await dev.GetAttachmentAsync(log.Id);
        Console.WriteLine($"{back.Length} bytes, {log.Sha256}");
        #endregion
    }

    public static async Task InboxAsync(ShitOpsClient dev, ShitOpsClient qa)
    {
        foreach (int n in (int[])[1, 2, 3])
            await dev.SendAsync(NewMessage.Text("qa-web", $"{n}"));

        #region GET /v1/inbox
        IReadOnlyList<Delivery> leased = await qa.LeaseAsync(max: 10, wait: TimeSpan.FromSeconds(20), lease: TimeSpan.FromSeconds(60));
        foreach (Delivery delivery in leased)
            Console.WriteLine($"{delivery.Message.Kind} from {delivery.Message.From}: {delivery.Message.Body}");
        #endregion

        #region POST /v1/inbox/ack
        await qa.ExtendAsync([leased[0].DeliveryId], TimeSpan.FromMinutes(5));       // ours for longer
        await qa.AckAsync([leased[0].DeliveryId]);                                    // dealt with
        await qa.NackAsync([.. leased.Skip(1).Select(d => d.DeliveryId)]);            // not now: it comes again
        #endregion

        #region GET /v1/inbox/stream
        await foreach (Delivery delivery in qa.StreamAsync())
        {
            Console.WriteLine($"{delivery.Message.Id} {delivery.Message.Body}");
            await qa.AckAsync([delivery.DeliveryId]);
            break;
        }
        #endregion
    }
}
