using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops ask TO</c> and <c>shitops reply ASK</c>.</summary>
internal static class AskCommand
{
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(500);

    public static Command Make(Session session)
    {
        var to = new Argument<string>("to") { Description = "A team, function:NAME, below:TEAM or all" };
        var body = new BodyOptions();
        Option<string?>
            subject = new("--subject", "-s") { Description = "What it is about" },
            collate = new("--collate") { Description = "How replies become one result" },
            pointer = new("--pointer") { Description = "JSON pointer into each reply, for all but list", HelpName = "/FIELD" };
        collate.AcceptOnlyFromAmong("list", "tally", "sum", "min", "max");
        var deadline = new Option<string>("--deadline", "-d") { Description = "A time, or a span from now", DefaultValueFactory = _ => "1h", HelpName = "TIME" };
        var quorum = new Option<int?>("--quorum") { Description = "It ends once so many have answered", HelpName = "N" };
        var wait = new Option<bool>("--wait") { Description = "Wait until it ends, and show the result" };
        var command = new Command("ask", "Ask many teams and have their answers collated") { to, subject, deadline, quorum, collate, pointer, wait };
        body.AddTo(command);
        session.Does(command, async (parsed, client, output, stop) =>
        {
            (var json, byte[]? bytes, string? type) = body.Read(parsed);
            string? kind = parsed.GetValue(collate), path = parsed.GetValue(pointer);
            var ask = new NewAsk(parsed.GetValue(to)!, When.At("--deadline", parsed.GetValue(deadline)!, session.Time))
            {
                Body = json,
                Bytes = bytes,
                ContentType = type,
                Subject = parsed.GetValue(subject),
                Quorum = parsed.GetValue(quorum),
                Collate = kind is null && path is null ? null : new(kind ?? "list", path),
            };
            Accepted accepted = await client.AskAsync(ask, stop: stop);
            if (!parsed.GetValue(wait))
            {
                output.Write(accepted, CliJson.Default.Accepted, _ => output.Line($"{accepted.Id} {accepted.State}"));
                return ExitCodes.Done;
            }
            AskInfo ended = await UntilEndedAsync(client, accepted.Id, session.Time, stop);
            output.Write(ended, CliJson.Default.AskInfo, _ => Tell(ended, output));
            return ended.State == "complete" ? ExitCodes.Done : ExitCodes.Refused;
        });
        return command;
    }

    public static Command MakeReply(Session session)
    {
        var ask = new Argument<Guid>("ask") { Description = "Its id, as the inbox shows it" };
        var body = new BodyOptions();
        var command = new Command("reply", "Answer an ask, once") { ask };
        body.AddTo(command);
        session.Does(command, async (parsed, client, output, stop) =>
        {
            (var json, byte[]? bytes, string? type) = body.Read(parsed);
            AcceptedReply reply = await client.ReplyAsync(parsed.GetValue(ask), new() { Body = json, Bytes = bytes, ContentType = type }, stop);
            output.Write(reply, CliJson.Default.AcceptedReply, _ => output.Line(reply.State));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<AskInfo> UntilEndedAsync(ShitOpsClient client, Guid id, TimeProvider time, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(Pulse, time);
        while (true)
        {
            AskInfo ask = await client.GetAskAsync(id, stop);
            if (ask.State != "open")
                return ask;
            await pulse.WaitForNextTickAsync(stop);
        }
    }

    private static void Tell(AskInfo ask, Output output)
    {
        output.Line($"{ask.Id} {ask.State}: {ask.Answered} of {ask.Asked} answered");
        foreach (MissingTeam team in ask.MissingReasons)
            output.Line($"  missing {team.Team}: {team.Reason}");
        output.Line(Output.Readable(ask.Result));
    }
}
