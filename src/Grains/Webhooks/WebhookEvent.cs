using System.Buffers;
using System.Text.Json;

namespace ShitOps.Grains.Webhooks;

/// <summary>What is pushed: <c>type</c>, <c>timestamp</c> and <c>data</c>, as Standard Webhooks has it.</summary>
internal static class WebhookEvent
{
    /// <summary>A receiver may serve several teams that got the same message: the id is that of one team's delivery.</summary>
    public static string IdOf(Guid delivery, string team) => $"{delivery}_{team}";

    /// <summary>The data is the delivery as the inbox has it.</summary>
    public static ReadOnlyMemory<byte> Of(Delivery delivery, ReadOnlySpan<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", "inbox.delivery");
        writer.WriteString("timestamp", delivery.AcceptedAt.UtcDateTime);
        writer.WritePropertyName("data");
        DeliveryJson.Write(writer, delivery, body);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Test(string team, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", "webhook.test");
        writer.WriteString("timestamp", now.UtcDateTime);
        writer.WriteStartObject("data");
        writer.WriteString("team", team);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
