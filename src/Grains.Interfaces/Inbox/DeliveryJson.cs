using System.Text.Json;

namespace ShitOps.Grains;

/// <summary>A delivery as JSON, the same whether it is fetched, streamed or pushed. A JSON body goes out byte for byte as it came in; it was checked then.</summary>
public static class DeliveryJson
{
    public static void Write(Utf8JsonWriter writer, Delivery delivery, ReadOnlySpan<byte> body)
    {
        writer.WriteStartObject();
        writer.WriteString("deliveryId", delivery.Id);
        writer.WriteNumber("attempt", delivery.Attempt);
        writer.WriteString("leasedUntil", delivery.LeasedUntil.UtcDateTime);
        writer.WriteStartObject("message");
        writer.WriteString("id", delivery.Id);
        writer.WriteString("kind", Word(delivery.Kind));
        writer.WriteString("from", delivery.From);
        writer.WriteString("subject", delivery.Subject);
        if (delivery.BodyKind == BodyKind.Json)
        {
            writer.WritePropertyName("body");
            writer.WriteRawValue(body, skipInputValidation: true);
        }
        else
        {
            writer.WriteBase64String("bodyBase64", body);
        }
        writer.WriteString("contentType", delivery.ContentType);
        writer.WriteString("priority", Word(delivery.Priority));
        writer.WriteString("correlationId", delivery.CorrelationId);
        writer.WriteString("orderingKey", delivery.OrderingKey);
        writer.WriteString("acceptedAt", delivery.AcceptedAt.UtcDateTime);
        writer.WriteString("traceparent", delivery.TraceParent);
        writer.WriteStartArray("attachments");
        foreach (Guid attachment in delivery.Attachments)
            writer.WriteStringValue(attachment);
        writer.WriteEndArray();
        WriteReference(writer, "ask", delivery.Kind is MessageKind.Ask or MessageKind.Collation or MessageKind.Reply ? delivery.Reference : null);
        WriteReference(writer, "task", delivery.Kind is MessageKind.Task or MessageKind.Notice ? delivery.Reference : null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The API's word for it.</summary>
    public static string Word(MessageKind kind) => kind switch
    {
        MessageKind.Message => "message",
        MessageKind.Ask => "ask",
        MessageKind.Collation => "collation",
        MessageKind.Task => "task",
        MessageKind.Notice => "notice",
        MessageKind.Reply => "reply",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <inheritdoc cref="Word(MessageKind)"/>
    public static string Word(Priority priority) => priority switch
    {
        Priority.Urgent => "urgent",
        Priority.Normal => "normal",
        Priority.Bulk => "bulk",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, null),
    };

    private static void WriteReference(Utf8JsonWriter writer, string name, Guid? id)
    {
        if (id is { } known)
            writer.WriteString(name, known);
        else
            writer.WriteNull(name);
    }
}
