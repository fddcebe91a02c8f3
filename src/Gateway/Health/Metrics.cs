using System.Globalization;
using System.Text;
using ShitOps.Grains;

namespace ShitOps.Gateway.Health;

/// <summary>This process in OpenMetrics text (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md).</summary>
internal sealed class Metrics(GatewayCounters counters, TreeWatch tree)
{
    public const string MediaType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public string Render()
    {
        var text = new StringBuilder();
        Counter(text, "shitops_gateway_messages_accepted", "Messages answered with an id.", counters.Accepted);
        Counter(text, "shitops_gateway_messages_refused", "Messages answered with a problem.", counters.Refused);
        Counter(text, "shitops_gateway_accept_batches", "Calls to hubs that carried messages.", counters.Batches);
        Counter(text, "shitops_gateway_accept_batched", "Messages carried in those calls.", counters.Batched);
        Counter(text, "shitops_gateway_deliveries_leased", "Deliveries handed out.", counters.Leased);
        Counter(text, "shitops_gateway_deliveries_acknowledged", "Deliveries acknowledged.", counters.Acknowledged);
        Counter(text, "shitops_gateway_asks_accepted", "Asks answered with an id.", counters.Asks);
        Counter(text, "shitops_gateway_replies_taken", "Replies to asks that were stored.", counters.Replies);
        Counter(text, "shitops_gateway_workflows_created", "Workflows, and tasks on their own, that were created.", counters.Workflows);
        Counter(text, "shitops_gateway_task_actions", "Changes of tasks that were carried out.", counters.TaskActions);
        Gauge(text, "shitops_gateway_tree_epoch", "Epoch of the tree as this process knows it.", tree.Current?.Epoch ?? 0);
        Gauge(text, "shitops_gateway_memory_bytes", "Managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        return text.Append("# EOF\n").ToString();
    }

    private static void Counter(StringBuilder text, string name, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} counter\n# HELP {name} {help}\n{name}_total {value}\n");

    private static void Gauge(StringBuilder text, string name, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} gauge\n# HELP {name} {help}\n{name} {value}\n");
}
