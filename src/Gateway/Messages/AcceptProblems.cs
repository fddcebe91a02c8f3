using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A hub's refusals as problems.</summary>
internal static class AcceptProblems
{
    public static Problem Of(AcceptStatus status) => status switch
    {
        AcceptStatus.KeyReused => Known.KeyReused,
        AcceptStatus.UnknownRecipient => Of(new Fault("/to", "unknown_recipient", "The recipient is not in the tree.")),
        AcceptStatus.NoRecipient => Of(new Fault("/to", "no_recipient", "Nobody is there except the sender.")),
        AcceptStatus.UnknownAttachment => Of(UnknownAttachment("/attachments")),
        AcceptStatus.QuorumTooLarge => Of(new Fault("/quorum", "out_of_range", "The quorum is larger than the number of teams asked.")),
        AcceptStatus.HubFull => Known.HubFull,
        AcceptStatus.NotStored => Known.Unavailable,
        _ => Known.OutcomeUnknown,
    };

    public static Fault UnknownAttachment(string at) => new(at, "unknown_attachment", "There is no clean attachment of this team with that id.");

    public static Problem Of(Fault fault)
    {
        var faults = new Faults();
        faults.Add(fault);
        return faults.ToProblem();
    }
}
