using ShitOps.Grains;

namespace ShitOps.Gateway.Cluster;

/// <summary>The grains the gateway calls, by what they stand for.</summary>
internal static class GrainsOf
{
    public static INodeGrain Node(this IGrainFactory grains, int index) =>
        grains.GetGrain<INodeGrain>(new NodeKey(Limits.DefaultTree, index).ToString());

    public static ITeamGrain Team(this IGrainFactory grains, string name) =>
        grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, name).ToString());

    public static IWebhookGrain Webhook(this IGrainFactory grains, string team) =>
        grains.GetGrain<IWebhookGrain>(new TeamKey(Limits.DefaultTree, team).ToString());

    public static ITreeGrain Tree(this IGrainFactory grains) => grains.GetGrain<ITreeGrain>(Limits.DefaultTree);

    public static IHealthGrain Health(this IGrainFactory grains) => grains.GetGrain<IHealthGrain>(Limits.DefaultTree);

    public static IArchiveGrain Archive(this IGrainFactory grains) => grains.GetGrain<IArchiveGrain>(0);

    public static IAccessGrain Access(this IGrainFactory grains) => grains.GetGrain<IAccessGrain>(0);

    public static IDeadLetterGrain DeadLetters(this IGrainFactory grains) => grains.GetGrain<IDeadLetterGrain>(0);

    public static IAskGrain Asks(this IGrainFactory grains) => grains.GetGrain<IAskGrain>(0);

    public static ITaskGrain Tasks(this IGrainFactory grains) => grains.GetGrain<ITaskGrain>(0);

    public static IWorkflowGrain Workflow(this IGrainFactory grains, Guid id) => grains.GetGrain<IWorkflowGrain>(id);

    public static IQuarantineGrain Quarantine(this IGrainFactory grains, Guid id) => grains.GetGrain<IQuarantineGrain>(id);

    public static IAttachmentGrain Attachment(this IGrainFactory grains, Guid id) => grains.GetGrain<IAttachmentGrain>(id);
}
