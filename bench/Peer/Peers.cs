namespace ShitOps.Bench.Peers;

/// <summary>Broker, scanner and database for the peers, each started for itself and ended by its process id.</summary>
internal static class Peers
{
    /// <summary>Runs the kinds one after another and tells of each messages a second and processor time.</summary>
    public static async Task<Figures> MeasureAsync(IReadOnlyList<PeerKind> kinds, PeerOptions options, CancellationToken stop)
    {
        using var scratch = new Scratch();
        await using IDatabaseUnderTest database = await RealServers.StartDatabaseAsync(durable: true);
        await using IClamdUnderTest clamd = await RealServers.StartClamdAsync(scratch.Path);
        await using RabbitServer rabbit = await RabbitServer.StartAsync();
        (string, int)[] processes = [("rabbitmq", rabbit.ProcessId), ("database", database.ProcessId), ("clamd", clamd.ProcessId), ("clients", Environment.ProcessId)];
        var rows = new MessageRows(database.ConnectionString);
        await rows.CreateAsync(stop);
        var figures = new Figures();
        foreach (PeerKind kind in kinds)
        {
            for (int round = 0; round < options.WarmUp; round++)
                await OneAsync(round);
            long stored = await rows.CountAsync(stop);
            var use = new ProcessorUse(processes);
            (TimeSpan endToEnd, TimeSpan published) = await OneAsync(options.WarmUp);
            var figuresOfKind = new Figures();
            figuresOfKind.Add("acknowledged", options.Messages / endToEnd.TotalSeconds, "messages/s");
            figuresOfKind.Add("published", options.Messages / published.TotalSeconds, "messages/s");
            use.AddTo(figuresOfKind, options.Messages);
            figures.AddAll($"{kind.ToString().ToLowerInvariant()}.", figuresOfKind);
            if (kind == PeerKind.Pipeline && await rows.CountAsync(stop) - stored != options.Messages)
                throw new InvalidOperationException("not every message has its row");

            async Task<(TimeSpan, TimeSpan)> OneAsync(int round)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
                limit.CancelAfter(TimeSpan.FromSeconds(options.Limit));
                return await new PeerRun(kind, options, rabbit.Port, clamd.Port, rows).RunAsync(round, limit.Token);
            }
        }
        return figures;
    }
}
