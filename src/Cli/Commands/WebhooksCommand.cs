using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops webhooks show|set|remove|test</c>.</summary>
internal static class WebhooksCommand
{
    public static Command Make(Session session) => new("webhooks", "Have a team's deliveries pushed to an address")
    {
        Show(session),
        Set(session),
        Remove(session),
        Test(session),
    };

    private static Argument<string> Team() => new("team") { Description = "The team" };

    private static Command Show(Session session)
    {
        Argument<string> team = Team();
        var command = new Command("show", "Show where a team's deliveries are pushed, and what came of the last push") { team };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            Tell(output, await client.GetWebhookAsync(parsed.GetValue(team)!, stop));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Set(Session session)
    {
        Argument<string> team = Team();
        var url = new Argument<string>("url") { Description = "An https address" };
        var rotate = new Option<bool>("--rotate-secret") { Description = "Make a new secret; the old one signs too for a day" };
        var command = new Command("set", "Push a team's deliveries there; shows a new secret, this once") { team, url, rotate };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out Uri? address))
                throw new UsageException($"'{parsed.GetValue(url)}' is no address, as https://hooks.example.org/shitops");
            Tell(output, await client.PutWebhookAsync(parsed.GetValue(team)!, address, parsed.GetValue(rotate), stop));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Remove(Session session)
    {
        Argument<string> team = Team();
        var command = new Command("remove", "Push nothing any more; what waits stays in the inbox") { team };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            await client.RemoveWebhookAsync(parsed.GetValue(team)!, stop);
            var count = new Count("removed", 1);
            output.Write(count, CliJson.Default.Count, _ => output.Line("removed"));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Test(Session session)
    {
        Argument<string> team = Team();
        var command = new Command("test", "Push one event made for it, and tell what came of it") { team };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            WebhookPush push = await client.TestWebhookAsync(parsed.GetValue(team)!, stop);
            output.Write(push, CliJson.Default.WebhookPush, _ => output.Line(Told(push)));
            return push.Accepted ? ExitCodes.Done : ExitCodes.Refused;
        });
        return command;
    }

    private static void Tell(Output output, Webhook webhook) => output.Write(webhook, CliJson.Default.Webhook, _ =>
    {
        output.Line($"{webhook.Team} {webhook.State}{(webhook.Reason is { } reason ? $" ({reason})" : "")} {webhook.Url}");
        if (webhook.Secret is { } secret)
            output.Line($"secret, shown this once: {secret}");
        if (webhook.PreviousSecretUntil is { } until)
            output.Line($"the secret before it signs too until {Output.Time(until)}");
        if (webhook.LastPush is { } push)
            output.Line($"last push at {Output.Time(push.At)}: {Told(push)}");
    });

    private static string Told(WebhookPush push) => FormattableString.Invariant(
        $"{(push.Accepted ? "accepted" : "not accepted")}{(push.Status is { } status ? $", {status}" : "")}{(push.Reason is { } reason ? $", {reason}" : "")}, after {push.Milliseconds:0} ms");
}
