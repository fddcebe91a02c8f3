using System.Diagnostics.Metrics;
using ShitOps.Grains;

namespace ShitOps.Gateway.Health;

/// <summary>The instruments of a gateway: what <see cref="GatewayCounters"/> has counted is read when somebody asks.</summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "ShitOps.Gateway";

    public GatewayMetrics(GatewayCounters counters, TreeWatch tree, IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        void Counter(string name, string unit, string description, Func<long> read) =>
            meter.CreateObservableCounter("shitops.gateway." + name, read, unit, description);

        Counter("messages.accepted", "{message}", "Messages answered with an id.", () => counters.Accepted);
        Counter("messages.refused", "{message}", "Messages answered with a problem.", () => counters.Refused);
        Counter("accept.batches", "{call}", "Calls to hubs that carried messages.", () => counters.Batches);
        Counter("accept.batched", "{message}", "Messages carried in those calls.", () => counters.Batched);
        Counter("deliveries.leased", "{delivery}", "Deliveries handed out.", () => counters.Leased);
        Counter("deliveries.acknowledged", "{delivery}", "Deliveries acknowledged.", () => counters.Acknowledged);
        Counter("asks.accepted", "{ask}", "Asks answered with an id.", () => counters.Asks);
        Counter("replies.taken", "{reply}", "Replies to asks that were stored.", () => counters.Replies);
        Counter("workflows.created", "{workflow}", "Workflows, and tasks on their own, that were created.", () => counters.Workflows);
        Counter("task.actions", "{action}", "Changes of tasks that were carried out.", () => counters.TaskActions);
        meter.CreateObservableGauge("shitops.gateway.tree.epoch", () => tree.Current?.Epoch ?? 0, "{epoch}", "Epoch of the tree as this process knows it.");
        meter.CreateObservableGauge("shitops.gateway.memory", () => GC.GetTotalMemory(forceFullCollection: false), "By", "Managed heap.");
    }
}
