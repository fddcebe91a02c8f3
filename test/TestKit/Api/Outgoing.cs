using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ShitOps.TestKit.Api;

/// <summary>A message to post. Only what is set is written; the body's JSON is written as it stands.</summary>
public sealed record Outgoing(string To)
{
    public string? Subject { get; init; }
    /// <summary>JSON text.</summary>
    public string? Body { get; init; }
    public byte[]? Bytes { get; init; }
    public string? ContentType { get; init; }
    public string? OrderingKey { get; init; }
    public string? Priority { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }
    /// <summary>Seconds.</summary>
    public int? Ttl { get; init; }
    public string? CorrelationId { get; init; }
    public Guid[]? Attachments { get; init; }
    /// <summary>A field of the line in bulk, a header otherwise.</summary>
    public string? IdempotencyKey { get; init; }
    /// <summary>A header; single posts only.</summary>
    public string? Traceparent { get; init; }
    /// <summary>Seconds of <c>Prefer: wait</c>; single posts only.</summary>
    public int? Wait { get; init; }

    /// <summary>A message whose body is that object.</summary>
    public static Outgoing Json(string to, object body) => new(to) { Body = JsonSerializer.Serialize(body, JsonSerializerOptions.Web) };

    public static Outgoing Text(string to, string text) => new(to) { Body = JsonSerializer.Serialize(text) };

    public byte[] ToJson(bool asLine = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("to", To);
            Write(json, "subject", Subject);
            if (Body is not null)
            {
                json.WritePropertyName("body");
                json.WriteRawValue(Encoding.UTF8.GetBytes(Body));
            }
            if (Bytes is not null)
                json.WriteBase64String("bodyBase64", Bytes);
            Write(json, "contentType", ContentType);
            Write(json, "orderingKey", OrderingKey);
            Write(json, "priority", Priority);
            Write(json, "deliverAt", DeliverAt?.UtcDateTime.ToString("O"));
            if (Ttl is { } ttl)
                json.WriteNumber("ttl", ttl);
            Write(json, "correlationId", CorrelationId);
            if (Attachments is not null)
            {
                json.WriteStartArray("attachments");
                foreach (Guid attachment in Attachments)
                    json.WriteStringValue(attachment);
                json.WriteEndArray();
            }
            if (asLine)
                Write(json, "idempotencyKey", IdempotencyKey);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Newline-delimited JSON, one message a line.</summary>
    public static byte[] ToLines(IEnumerable<Outgoing> messages)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (Outgoing message in messages)
        {
            lines.Write(message.ToJson(asLine: true));
            lines.Write("\n"u8);
        }
        return lines.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
