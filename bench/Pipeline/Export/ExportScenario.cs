using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ShitOps.Silo.Elastic;

namespace ShitOps.Bench;

/// <summary>
/// The journal's way to Elasticsearch, whose place the test kit's server takes: one step after the other, then the
/// exporter as it runs in a silo. All but events a second is processor time.
/// </summary>
internal static class ExportScenario
{
    private const string Stream = FieldTemplates.IndexTemplate + "-bench";

    public static async Task MeasureAsync(BenchOptions options, Figures figures, CancellationToken stop)
    {
        await using ExportSite site = await ExportSite.StartAsync(options.Standalone, stop);
        await using ElasticProcess elastic = await ElasticProcess.StartAsync();
        for (int round = 0; round < options.WarmUp; round++)
            await RoundAsync(site, elastic, options.Messages, new Figures(), stop);
        await RoundAsync(site, elastic, options.Messages, figures, stop);
    }

    private static async Task RoundAsync(ExportSite site, ElasticProcess elastic, int messages, Figures figures, CancellationToken stop)
    {
        int events = messages * ExportSite.EventsPerMessage;
        var settings = new ExportOptions
        {
            Endpoint = new([elastic.Url]),
            Stream = Stream,
            Service = new("shitops-silo", "0.1.0", "bench"),
        };
        figures.Add("events", events, "events");
        await site.FillAsync(messages, stop);
        await StepsAsync(site, settings, figures, stop);
        await elastic.EmptyAsync(Stream, events, stop);
        await site.FillAsync(messages, stop);
        await WholeAsync(site, elastic, settings, events, figures, stop);
        await elastic.EmptyAsync(Stream, events, stop);
    }

    private static async Task StepsAsync(ExportSite site, ExportOptions settings, Figures figures, CancellationToken stop)
    {
        var store = new ExportStore(site.Database, TimeProvider.System);
        using var http = new ElasticHttp(settings.Endpoint!, settings.Pace.Timeout);
        await new TemplateInstaller(http, settings.Stream).EnsureAsync(stop);
        var sender = new BulkSender(http, settings.Stream, settings.Pace, TimeProvider.System);
        using var batches = new DocumentBatches(settings.Service, settings.BatchEvents, settings.BatchBytes);
        var read = new Dictionary<int, long>();
        var steps = new Dictionary<string, TimeSpan>();
        long sent = 0, bytes = 0, packed = 0;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        void Done(string step)
        {
            TimeSpan now = Environment.CpuUsage.TotalTime;
            steps[step] = steps.GetValueOrDefault(step) + now - before;
            before = now;
        }
        while (await store.NextAsync(read, ExportPump.BatchesPerRead * settings.BatchEvents, (long)ExportPump.BatchesPerRead * settings.BatchBytes, stop) is { Count: > 0 } rows)
        {
            Done("read");
            List<ExportBatch> some = [.. batches.Of(rows)];
            Done("encode");
            some.ForEach(batch => batch.Seal());
            Done("compress");
            foreach (ExportBatch batch in some)
            {
                if ((await sender.SendAsync(batch.Documents, batch.Packed, _ => Task.CompletedTask, stop)).Count > 0)
                    throw new InvalidOperationException("a document was refused");
                (sent, bytes, packed) = (sent + batch.Count, bytes + batch.Bytes, packed + batch.Packed.Length);
            }
            Done("send");
            foreach (ExportRow row in rows)
                read[row.Writer] = row.Number;
            await store.AdvanceAsync(read, [], stop);
            some.ForEach(batches.Return);
            Done("advance");
        }
        foreach ((string step, TimeSpan took) in steps)
            figures.Add($"export.{step}", took.TotalMicroseconds / sent, "µs/event");
        figures.Add("export.document", (double)bytes / sent, "bytes/event");
        figures.Add("export.packed", (double)packed / sent, "bytes/event");
    }

    private static async Task WholeAsync(ExportSite site, ElasticProcess elastic, ExportOptions settings, int events, Figures figures, CancellationToken stop)
    {
        using var meter = new ExportMeter();
        var exporter = new JournalExporter(new(site.Database, TimeProvider.System), settings, site.Commits, meter, TimeProvider.System, NullLogger<JournalExporter>.Instance);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        (string Name, int Id)[] processes = [("exporter", Environment.ProcessId), ("elastic", elastic.Id), .. site.DatabaseProcess is { } id ? new[] { ("database", id) } : []];
        double[] before = [.. processes.Select(process => ProcessorTime.Of(process.Id))];
        long start = Stopwatch.GetTimestamp();
        Task running = exporter.RunAsync(end.Token);
        await exporter.UntilAsync(status => status.Sent >= events, stop);
        figures.Add("exported", events / Stopwatch.GetElapsedTime(start).TotalSeconds, "events/s");
        for (int i = 0; i < processes.Length; i++)
            figures.Add($"cpu.{processes[i].Name}", (ProcessorTime.Of(processes[i].Id) - before[i]) / events * 1e6, "µs/event");
        await site.UntilSentAsync(stop);
        await end.CancelAsync();
        await running;
    }
}
