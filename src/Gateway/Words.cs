using ShitOps.Grains;

namespace ShitOps.Gateway;

/// <summary>The API's words for what has a number inside.</summary>
internal static class Words
{
    public static string Of(MessageKind kind) => kind switch
    {
        MessageKind.Message => "message",
        MessageKind.Ask => "ask",
        MessageKind.Collation => "collation",
        MessageKind.Task => "task",
        MessageKind.Notice => "notice",
        MessageKind.Reply => "reply",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static string Of(Priority priority) => priority switch
    {
        Priority.Urgent => "urgent",
        Priority.Normal => "normal",
        Priority.Bulk => "bulk",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, null),
    };
}
