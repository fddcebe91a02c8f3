using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops send TO</c>.</summary>
internal static class SendCommand
{
    public static Command Make(Session session)
    {
        var to = new Argument<string>("to") { Description = "A team, function:NAME, below:TEAM or all" };
        var body = new BodyOptions();
        Option<string?>
            subject = new("--subject", "-s") { Description = "What it is about" },
            priority = new("--priority") { Description = "How urgent it is" },
            ordering = new("--ordering-key") { Description = "Messages with one key arrive in order", HelpName = "KEY" },
            correlation = new("--correlation-id") { Description = "Goes with it to the recipient", HelpName = "ID" },
            idempotency = new("--idempotency-key") { Description = "Sent again with the same key it is the same message", HelpName = "KEY" },
            deliverAt = new("--deliver-at") { Description = "Not before: a time, or a span from now (10m)", HelpName = "TIME" };
        priority.AcceptOnlyFromAmong("urgent", "normal", "bulk");
        var ttl = new Option<long?>("--ttl") { Description = "Seconds after which it expires", HelpName = "SECONDS" };
        var wait = new Option<int?>("--wait") { Description = "Wait so long until it settles, 30 at most", HelpName = "SECONDS" };
        var attach = new Option<string[]>("--attach", "-a") { Description = "A file to go with it; may be given again", HelpName = "FILE" };
        var command = new Command("send", "Send a message") { to, subject, priority, ordering, correlation, idempotency, deliverAt, ttl, wait, attach };
        body.AddTo(command);
        session.Does(command, async (parsed, client, output, stop) =>
        {
            (var json, byte[]? bytes, string? type) = body.Read(parsed);
            var message = new NewMessage(parsed.GetValue(to)!)
            {
                Body = json,
                Bytes = bytes,
                ContentType = type,
                Subject = parsed.GetValue(subject),
                Priority = parsed.GetValue(priority),
                OrderingKey = parsed.GetValue(ordering),
                CorrelationId = parsed.GetValue(correlation),
                IdempotencyKey = parsed.GetValue(idempotency),
                DeliverAt = parsed.GetValue(deliverAt) is { } at ? When.At("--deliver-at", at, session.Time) : null,
                TimeToLive = parsed.GetValue(ttl),
            };
            var attachments = new List<Guid>();
            foreach (string file in parsed.GetValue(attach) ?? [])
                attachments.Add((await client.AttachAsync(Files.Bytes(file), stop: stop)).Id);
            if (attachments.Count > 0)
                message = message with { Attachments = attachments };
            if (parsed.GetValue(wait) is not { } seconds)
            {
                Accepted accepted = await client.SendAsync(message, stop: stop);
                output.Write(accepted, CliJson.Default.Accepted, _ => output.Line($"{accepted.Id} {accepted.State}"));
                return ExitCodes.Done;
            }
            MessageInfo settled = await client.SendAndWaitAsync(message, TimeSpan.FromSeconds(seconds), stop: stop);
            output.Write(settled, CliJson.Default.MessageInfo, _ =>
            {
                output.Line($"{settled.Id} {settled.State}{(settled.Reason is { } why ? " " + why : "")}");
                if (settled.Quarantine is { } entry)
                    output.Line($"{entry.Verdict}: {entry.Signature}");
            });
            return settled.State is "quarantined" or "dead" or "expired" or "cancelled" ? ExitCodes.Refused : ExitCodes.Done;
        });
        return command;
    }
}
