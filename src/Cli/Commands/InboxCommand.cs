using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops inbox</c>.</summary>
internal static class InboxCommand
{
    public static Command Make(Session session)
    {
        var follow = new Option<bool>("--follow") { Description = "Go on as more comes, until Ctrl+C" };
        var ack = new Option<bool>("--ack") { Description = "Acknowledge what was shown; else it comes again" };
        var max = new Option<int>("--max") { Description = "How many at most", DefaultValueFactory = _ => 100, HelpName = "N" };
        var wait = new Option<int>("--wait") { Description = "Seconds to wait for the first, 30 at most", HelpName = "SECONDS" };
        var command = new Command("inbox", "Show what is in the team's inbox") { follow, ack, max, wait };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            bool acknowledge = parsed.GetValue(ack);
            if (parsed.GetValue(follow))
            {
                await foreach (Delivery delivery in client.StreamAsync(Math.Clamp(parsed.GetValue(max), 1, 1000), stop: stop))
                    await ShowAsync(client, output, delivery, acknowledge);
                return ExitCodes.Done;
            }
            IReadOnlyList<Delivery> leased = await client.LeaseAsync(parsed.GetValue(max), TimeSpan.FromSeconds(parsed.GetValue(wait)), stop: stop);
            foreach (Delivery delivery in leased)
                await ShowAsync(client, output, delivery, acknowledge);
            if (leased.Count == 0 && !output.IsJson)
                output.Line("nothing");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What was shown is acknowledged also when Ctrl+C comes in between.</summary>
    private static async Task ShowAsync(ShitOpsClient client, Output output, Delivery delivery, bool acknowledge)
    {
        InboxMessage message = delivery.Message;
        output.Write(delivery, CliJson.Default.Delivery, _ =>
        {
            string attempt = delivery.Attempt > 1 ? $" (attempt {delivery.Attempt})" : "";
            output.Line($"{Output.Time(message.AcceptedAt)} {message.Kind} from {message.From}{attempt}: {message.Subject}");
            output.Line($"  {message.Id}{Reference(message)}");
            output.Line("  " + (message.Bytes is { } bytes ? $"{bytes.Length} bytes, {message.ContentType}" : Output.Readable(message.Body)));
            foreach (Guid attachment in message.Attachments)
                output.Line($"  attachment {attachment}");
        });
        await Console.Out.FlushAsync();
        if (acknowledge)
            await client.AckAsync([delivery.DeliveryId], CancellationToken.None);
    }

    private static string Reference(InboxMessage message) =>
        message.Task is { } task ? $", task {task}" : message.Ask is { } ask && ask != message.Id ? $", ask {ask}" : "";
}
