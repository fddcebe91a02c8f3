using System.Globalization;
using System.Text.Json;
using ShitOps.Grains;

namespace ShitOps.Silo.Elastic;

/// <summary>How a node, or the journal, was at a time.</summary>
/// <param name="Cluster">Its id: two clusters may send to one place.</param>
/// <param name="At">The beginning of the interval it stands for.</param>
/// <param name="Node">Null: it tells of the journal.</param>
internal sealed record MetricSample(string Cluster, string Tree, DateTimeOffset At, NodeStatus? Node, ExportStatus? Journal)
{
    /// <summary>Samples of one interval have one id: two exporters in the same interval store one.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public string DocumentId { get; } = string.Create(CultureInfo.InvariantCulture,
        $"metric-{Cluster}-{Tree}-{(Node is null ? "journal" : Node.Index.ToString(CultureInfo.InvariantCulture))}-{At.ToUnixTimeSeconds()}");

    /// <summary>The samples of a round: one for each node, and one for the journal.</summary>
    public static IEnumerable<MetricSample> Round(string cluster, string tree, DateTimeOffset now, IEnumerable<NodeStatus> nodes, ExportStatus journal)
    {
        var at = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % Interval.Ticks), TimeSpan.Zero);
        return [.. nodes.Select(node => new MetricSample(cluster, tree, at, node, null)), new MetricSample(cluster, tree, at, null, journal)];
    }
}

/// <summary>A sample as an ECS document. Pure.</summary>
internal static class EcsMetric
{
    public static void Write(Utf8JsonWriter json, MetricSample sample, ServiceIdentity service)
    {
        json.WriteStartObject();
        json.WriteString("@timestamp"u8, sample.At.UtcDateTime);
        json.Text("ecs"u8, "version"u8, EcsDocument.EcsVersion);
        json.WriteStartObject("event"u8);
        json.WriteString("kind"u8, "metric");
        json.Texts("category"u8, [sample.Node is null ? "process" : "host"]);
        json.Texts("type"u8, ["info"]);
        json.WriteString("id"u8, sample.DocumentId);
        json.WriteString("dataset"u8, EcsDocument.Dataset);
        json.WriteString("module"u8, "shitops");
        json.WriteEndObject();
        EcsDocument.WriteService(json, service, sample.Node?.Silo);
        json.WriteStartObject("shitops"u8);
        if (sample.Node is { } node)
        {
            json.WriteNumber("node"u8, node.Index);
            json.Optional("silo"u8, node.Silo);
        }
        json.WriteStartObject("metrics"u8);
        if (sample.Node is { } of)
            WriteNode(json, of);
        if (sample.Journal is { } journal)
        {
            json.WriteNumber("lag_events"u8, journal.LagEvents);
            json.WriteNumber("lag_seconds"u8, Math.Round(journal.LagSeconds, 3));
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteNode(Utf8JsonWriter json, NodeStatus node)
    {
        json.WriteNumber("node"u8, node.Index);
        json.WriteString("health"u8, node.Health);
        json.WriteNumber("queue"u8, node.Queue);
        json.WriteNumber("held"u8, node.Held);
        json.WriteNumber("accepted"u8, Math.Round(node.AcceptedRate, 3));
        json.WriteNumber("forwarded"u8, Math.Round(node.ForwardedRate, 3));
        json.WriteNumber("delivered"u8, Math.Round(node.DeliveredRate, 3));
    }
}
