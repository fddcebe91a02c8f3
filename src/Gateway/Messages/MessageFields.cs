using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>The fields of a message as posted. The body is not parsed into anything: its place is remembered.</summary>
internal static class MessageFields
{
    /// <summary>Of whatever has a body: a message, an ask, a reply.</summary>
    public static readonly (string, FieldReader<MessageDraft>)[] Content =
    [
        ("body", static (ref r, d, f) => d.JsonBody = JsonText.Value(ref r, "body", f)),
        ("bodyBase64", ReadBytes),
        ("contentType", ReadContentType),
    ];

    /// <summary>Of whatever travels through the tree: a message, an ask.</summary>
    public static readonly (string, FieldReader<MessageDraft>)[] Posted =
    [
        ("to", ReadTo),
        ("subject", static (ref r, d, f) => d.Subject = JsonText.Text(ref r, "subject", Limits.SubjectLength, f)),
        .. Content,
        ("orderingKey", static (ref r, d, f) => d.OrderingKey = JsonText.Text(ref r, "orderingKey", Limits.OrderingKeyLength, f)),
        ("priority", ReadPriority),
        ("correlationId", static (ref r, d, f) => d.CorrelationId = JsonText.Text(ref r, "correlationId", Limits.CorrelationIdLength, f)),
        ("attachments", static (ref r, d, f) => d.Attachments = JsonText.Ids(ref r, "attachments", Limits.AttachmentsPerMessage, f) ?? []),
    ];

    private static readonly (string, FieldReader<MessageDraft>)[] Timed =
    [
        .. Posted,
        ("deliverAt", static (ref r, d, f) => d.DeliverAt = JsonText.Time(ref r, "deliverAt", f)),
        ("ttl", static (ref r, d, f) => d.Ttl = JsonText.Whole(ref r, "ttl", 1, (long)Limits.MaxTimeToLive.TotalSeconds, f)),
    ];

    private static readonly FieldTable<MessageDraft> Single = new(Timed), Line = new([.. Timed, ("idempotencyKey", ReadIdempotencyKey)]);

    public static Problem? ReadSingle(ReadOnlyMemory<byte> json, out MessageDraft draft, out Faults faults) => Read(json, false, out draft, out faults);

    public static Problem? ReadLine(ReadOnlyMemory<byte> json, out MessageDraft draft, out Faults faults) => Read(json, true, out draft, out faults);

    /// <summary>Reads one message. Null and no faults: the draft is whole in itself.</summary>
    /// <param name="isLine">A line of a bulk, which may carry its idempotency key.</param>
    public static Problem? Read(ReadOnlyMemory<byte> json, bool isLine, out MessageDraft draft, out Faults faults)
    {
        draft = new MessageDraft();
        faults = new Faults();
        if ((isLine ? Line : Single).Read(json.Span, draft, faults) is { } problem)
            return problem;
        CheckTo(draft, faults);
        Complete(json, draft, faults);
        return null;
    }

    public static void CheckTo(MessageDraft draft, Faults faults)
    {
        if (draft.To is null && !faults.Has("/to"))
            faults.Add("/to", "required", "'to' is needed.");
    }

    /// <summary>Finds the body in what was read.</summary>
    public static void Complete(ReadOnlyMemory<byte> json, MessageDraft draft, Faults faults)
    {
        if (draft.JsonBody is null == !draft.HasBytes)
            faults.Add("/body", draft.HasBytes ? "body_twice" : "required", "Either 'body' or 'bodyBase64' is needed, and only one.");
        draft.Body = draft.JsonBody is { } place ? json[place] : draft.BytesBody;
        if (draft.Body.Length > Limits.BodyBytes)
            faults.Add(draft.HasBytes ? "/bodyBase64" : "/body", "body_too_large", $"A body has at most {Limits.BodyBytes} bytes.", 413);
        draft.ContentType ??= draft.HasBytes ? "application/octet-stream" : "application/json";
    }

    private static void ReadTo(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, "to", faults) is not { } text)
            return;
        draft.To = text;
        if (Address.TryParse(text, out Address address) && !JsonText.HasControl(text))
            draft.Address = address;
        else
            faults.Add("/to", "bad_address", "'to' must be a team's name, 'function:NAME', 'below:TEAM' or 'all'.");
    }

    private static void ReadBytes(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        draft.HasBytes = true;
        if (reader.TokenType != JsonTokenType.String)
            JsonText.WrongType(ref reader, "/bodyBase64", "a string", faults);
        else if (JsonText.IsWhole(ref reader) && reader.TryGetBytesFromBase64(out byte[]? bytes))
            draft.BytesBody = bytes;
        else
            faults.Add("/bodyBase64", "bad_base64", "'bodyBase64' is not base64 (RFC 4648, section 4, with padding).");
    }

    private static void ReadContentType(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (JsonText.Text(ref reader, "contentType", Limits.ContentTypeLength, faults) is not { } text)
            return;
        if (IsMediaType(text))
            draft.ContentType = text;
        else
            faults.Add("/contentType", "bad_media_type", "'contentType' must be a media type such as text/plain.");
    }

    internal static bool IsMediaType(string text) =>
        Ascii.IsValid(text) && MediaTypeHeaderValue.TryParse(text, out MediaTypeHeaderValue? type)
        && !type.MatchesAllTypes && !type.MatchesAllSubTypes && type.SubType.Length > 0;

    private static void ReadPriority(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, "priority", faults) is not { } text)
            return;
        switch (text)
        {
            case "urgent": draft.Priority = Priority.Urgent; break;
            case "normal": draft.Priority = Priority.Normal; break;
            case "bulk": draft.Priority = Priority.Bulk; break;
            default: faults.Add("/priority", "unknown_value", "'priority' must be one of: urgent, normal, bulk."); break;
        }
    }

    private static void ReadIdempotencyKey(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, "idempotencyKey", faults) is not { } text)
            return;
        if (MessageHeaders.IsIdempotencyKey(text))
            draft.IdempotencyKey = text;
        else
            faults.Add("/idempotencyKey", "bad_idempotency_key", MessageHeaders.IdempotencyKeyRule, 400);
    }
}
