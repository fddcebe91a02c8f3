using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>What an ask was given besides a message's fields.</summary>
internal sealed class AskDraft
{
    public DateTimeOffset? Deadline { get; set; }
    public long? Quorum { get; set; }
    public CollateKind Collate { get; set; } = CollateKind.List;
    public string? Pointer { get; set; }

    /// <summary>Of a draft without faults.</summary>
    public AskSpec ToSpec() => new(Deadline!.Value, (int?)Quorum, Collate, Pointer);
}
