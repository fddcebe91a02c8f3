using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>What an ask must hold to, and who may know of it. Pure.</summary>
internal static class AskRules
{
    /// <param name="mayRepeat">It has a key: it may be the repeat of an ask that was stored in time. If it is the first, it ends at once.</param>
    public static void CheckDeadline(AskDraft ask, DateTimeOffset now, bool mayRepeat, Faults faults)
    {
        if (ask.Deadline is not { } deadline)
            return;
        if (deadline <= now && !mayRepeat)
            faults.Add("/deadline", "in_past", "'deadline' is in the past.");
        if (deadline > now + Limits.MaxAskTime)
            faults.Add("/deadline", "out_of_range", $"'deadline' is more than {Limits.MaxAskTime.Days} days ahead.");
    }

    public static void CheckQuorum(long quorum, int asked, Faults faults)
    {
        if (quorum > asked)
            faults.Add("/quorum", "out_of_range", $"'quorum' must be at most {asked}, the number of teams asked.");
    }

    /// <summary>Who asked, who was asked, operators.</summary>
    public static bool MaySee(AskView view, Caller caller) =>
        caller.Role == Role.Operator || IsAsker(view, caller) || (caller.Role == Role.Team && Array.IndexOf(view.Teams, caller.Team) >= 0);

    /// <summary>What came back is for who asked, and for nobody else.</summary>
    public static bool IsAsker(AskView view, Caller caller) => caller.Role == Role.Team && view.From == caller.Team;
}
