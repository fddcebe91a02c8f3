using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>Who may know of a message: its sender, its recipients, operators. Pure.</summary>
internal static class MessageAccess
{
    public static bool MaySee(MessageView view, Caller caller) => caller.Role switch
    {
        Role.Operator => true,
        Role.Team => view.From == caller.Team || IsRecipient(view, caller.Team!),
        _ => false,
    };

    public static bool MaySeeSubject(MessageView view, Caller caller) =>
        caller.Role == Role.Operator || view.From == caller.Team || HasDelivery(view, caller.Team!);

    private static bool IsRecipient(MessageView view, string team) => view.To == team || HasDelivery(view, team);

    private static bool HasDelivery(MessageView view, string team) => Array.Exists(view.Deliveries, d => d.Team == team);
}
