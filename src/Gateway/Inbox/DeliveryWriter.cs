using System.Security.Cryptography;
using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Grains;

namespace ShitOps.Gateway.Inbox;

/// <summary>Writes deliveries as JSON. JSON bodies go out byte for byte as they came in; they were checked then.</summary>
internal sealed partial class DeliveryWriter(IBodyVault vault, ILogger<DeliveryWriter> log)
{
    /// <summary>
    /// Null: it cannot be opened. It is left out and comes back when its lease is over, so that one broken body neither
    /// blocks the others nor vanishes in silence.
    /// </summary>
    public async ValueTask<byte[]?> OpenAsync(Delivery delivery, CancellationToken stop)
    {
        try
        {
            return await vault.OpenAsync(delivery.SealedBody, delivery.Id, 0, stop);
        }
        catch (CryptographicException error)
        {
            LogUnreadable(error, delivery.Id);
            return null;
        }
    }

    public static void Write(Utf8JsonWriter writer, Delivery delivery, ReadOnlySpan<byte> body)
    {
        writer.WriteStartObject();
        writer.WriteString("deliveryId", delivery.Id);
        writer.WriteNumber("attempt", delivery.Attempt);
        writer.WriteTime("leasedUntil", delivery.LeasedUntil);
        writer.WriteStartObject("message");
        writer.WriteString("id", delivery.Id);
        writer.WriteString("kind", Words.Of(delivery.Kind));
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
        writer.WriteString("priority", Words.Of(delivery.Priority));
        writer.WriteString("correlationId", delivery.CorrelationId);
        writer.WriteString("orderingKey", delivery.OrderingKey);
        writer.WriteTime("acceptedAt", delivery.AcceptedAt);
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

    private static void WriteReference(Utf8JsonWriter writer, string name, Guid? id)
    {
        if (id is { } known)
            writer.WriteString(name, known);
        else
            writer.WriteNull(name);
    }

    [LoggerMessage(5020, LogLevel.Error, "The body of delivery {Delivery} cannot be opened")]
    private partial void LogUnreadable(Exception error, Guid delivery);
}
