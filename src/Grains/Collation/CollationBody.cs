using System.Buffers;
using System.Text.Json;
using ShitOps.Grains.Storage;

namespace ShitOps.Grains.Collation;

/// <summary>One reply in the result of a list.</summary>
/// <param name="Body">The plain reply; null: left out, told by its size.</param>
internal sealed record ListedReply(string Team, DateTimeOffset At, int Size, BodyKind Kind, string ContentType, byte[]? Body);

/// <summary>The body of the collation that goes to the asker. Pure.</summary>
internal static class CollationBody
{
    /// <param name="all">The whole ask's answers, at its top.</param>
    /// <param name="list">In post-order; empty unless it is a list.</param>
    /// <returns>JSON in UTF-8.</returns>
    public static byte[] Write(AskRow ask, AskState state, Taken all, IReadOnlyList<ListedReply> list)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            Partial partial = all.Partial;
            writer.WriteStartObject();
            writer.WriteString("ask", ask.Id);
            writer.WriteString("state", state == AskState.Complete ? "complete" : "partial");
            writer.WriteNumber("asked", partial.Asked);
            writer.WriteNumber("answered", partial.Answered.Length);
            writer.WriteStartArray("missing");
            foreach (MissingTeam missing in partial.Missing)
            {
                writer.WriteStartObject();
                writer.WriteString("team", missing.Team);
                writer.WriteString("reason", missing.Reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("unmatched");
            foreach (string team in partial.Unmatched)
                writer.WriteStringValue(team);
            writer.WriteEndArray();
            writer.WriteStartObject("collate");
            writer.WriteString("kind", Name(ask.Spec.Collate));
            if (ask.Spec.JsonPointer is { } pointer)
                writer.WriteString("pointer", pointer);
            writer.WriteEndObject();
            writer.WritePropertyName("result");
            WriteResult(writer, ask.Spec.Collate, all.Value, list);
            writer.WriteEndObject();
        }
        return text.WrittenSpan.ToArray();
    }

    private static void WriteResult(Utf8JsonWriter writer, CollateKind kind, Reduced? value, IReadOnlyList<ListedReply> list)
    {
        if (kind == CollateKind.List)
        {
            writer.WriteStartArray();
            foreach (ListedReply reply in list)
                WriteReply(writer, reply);
            writer.WriteEndArray();
        }
        else if (value is not null)
        {
            value.WriteTo(writer);
        }
        else if (kind == CollateKind.Tally)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteReply(Utf8JsonWriter writer, ListedReply reply)
    {
        writer.WriteStartObject();
        writer.WriteString("team", reply.Team);
        writer.WriteString("at", reply.At);
        if (reply.Body is null)
        {
            writer.WriteNumber("size", reply.Size);
            writer.WriteBoolean("omitted", true);
        }
        else if (reply.Kind == BodyKind.Json)
        {
            writer.WritePropertyName("body");
            writer.WriteRawValue(reply.Body, skipInputValidation: true); // It was read through when it was admitted.
        }
        else
        {
            writer.WriteBase64String("bodyBase64", reply.Body);
            writer.WriteString("contentType", reply.ContentType);
        }
        writer.WriteEndObject();
    }

    private static string Name(CollateKind kind) => kind switch
    {
        CollateKind.Tally => "tally",
        CollateKind.Sum => "sum",
        CollateKind.Min => "min",
        CollateKind.Max => "max",
        _ => "list",
    };
}
