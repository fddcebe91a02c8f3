namespace ShitOps.Kibana.Boards;

/// <summary>
/// Ids of saved objects. Never changed: an import overwrites by id, and bookmarks, links and drill-downs go by them.
/// </summary>
internal static class Ids
{
    public const string
        // The one data view: events and metric documents lie in the same data stream.
        DataView = "shitops-pipeline",
        Flow = "shitops-flow",
        Tree = "shitops-tree",
        Security = "shitops-security",
        Work = "shitops-tasks-and-asks",
        OneMessage = "shitops-one-message",
        EventsOfMessages = "shitops-search-message",
        DeadLetters = "shitops-search-dead-letters",
        Quarantine = "shitops-search-quarantine",
        Nodes = "shitops-search-nodes",
        Overdue = "shitops-search-overdue",
        Asks = "shitops-search-asks";
}
