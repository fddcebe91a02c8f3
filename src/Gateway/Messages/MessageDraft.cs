using ShitOps.Gateway.Asks;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A message as it was asked for, read but not yet checked against time, tree and attachments.</summary>
internal sealed class MessageDraft
{
    public string? To { get; set; }
    public Address Address { get; set; }
    public string? Subject { get; set; }
    /// <summary>JSON text exactly as it stood in the request, or the decoded bytes. Points into the request: seal it before that is given back.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }
    /// <summary>Where JSON text stands in the object read; resolved to <see cref="Body"/> when the reading is over.</summary>
    public Range? JsonBody { get; set; }
    public byte[]? BytesBody { get; set; }
    /// <summary>A bodyBase64 was given, good or bad.</summary>
    public bool HasBytes { get; set; }
    public BodyKind BodyKind => HasBytes ? BodyKind.Bytes : BodyKind.Json;
    public string? ContentType { get; set; }
    public string? OrderingKey { get; set; }
    public Priority Priority { get; set; } = Priority.Normal;
    public DateTimeOffset? DeliverAt { get; set; }
    public long? Ttl { get; set; }
    public string? CorrelationId { get; set; }
    public Guid[] Attachments { get; set; } = [];
    public string? IdempotencyKey { get; set; }
    public string? TraceParent { get; set; }
    /// <summary>What makes it an ask; null for a plain message.</summary>
    public AskDraft? Ask { get; set; }
}
