using System.Net;
using System.Text.Json;

namespace ShitOps.Silo.Elastic;

/// <summary>Reads answers to <c>_bulk</c>. Pure.</summary>
/// <seealso href="https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk"/>
internal static class BulkAnswers
{
    private const int ShownText = 300;

    public static BulkOutcome Read(IReadOnlyList<BulkDocument> sent, HttpStatusCode status, TimeSpan? retryAfter, ReadOnlyMemory<byte> body)
    {
        string shown = System.Text.Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, ShownText)]);
        switch (status)
        {
            case HttpStatusCode.OK:
                return ReadItems(sent, body);
            case HttpStatusCode.RequestEntityTooLarge:
                return new BulkOutcome.TooLarge();
            // A server of another version that does not know our parameters: no document is at fault.
            case HttpStatusCode.BadRequest when !shown.Contains("unrecognized parameter", StringComparison.Ordinal):
                return new BulkOutcome.Unreadable(shown);
            default:
                return new BulkOutcome.Refused($"HTTP {(int)status} {shown}".TrimEnd(), retryAfter);
        }
    }

    private static BulkOutcome ReadItems(IReadOnlyList<BulkDocument> sent, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            JsonElement items = json.RootElement.GetProperty("items");
            // Answers are told apart by their place alone.
            if (items.GetArrayLength() != sent.Count)
                return new BulkOutcome.Lost($"{items.GetArrayLength()} answers to {sent.Count} documents");
            var again = new List<BulkDocument>();
            var rejected = new List<RejectedDocument>();
            string? trouble = null;
            int place = 0;
            foreach (JsonElement item in items.EnumerateArray())
                Sort(sent[place++], item.EnumerateObject().First().Value, again, rejected, ref trouble);
            return new BulkOutcome.Answered(again, rejected, trouble);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new BulkOutcome.Lost("an answer that is none of _bulk: " + error.Message);
        }
    }

    private static void Sort(BulkDocument document, JsonElement item, List<BulkDocument> again, List<RejectedDocument> rejected, ref string? trouble)
    {
        int status = item.GetProperty("status").GetInt32();
        (string type, string reason) = Error(item);
        switch (status)
        {
            // Taken into the failure store: kept, but not where anyone looks for it.
            case 200 or 201 when item.TryGetProperty("failure_store", out JsonElement kept) && kept.GetString() is "used" or "failed":
                rejected.Add(new(document, status, "failure_store", "the failure store took it"));
                break;
            case 200 or 201 or 409:
                break;
            case 400 or 413:
                rejected.Add(new(document, status, type, reason));
                break;
            default:
                // 429 and 5xx pass; 401, 403 and 404 are settings or templates that someone has to put right. None is the document's fault.
                again.Add(document);
                trouble ??= $"{status} {type}: {reason}";
                break;
        }
    }

    private static (string Type, string Reason) Error(JsonElement item)
    {
        if (!item.TryGetProperty("error", out JsonElement error))
            return ("", "");
        if (error.ValueKind == JsonValueKind.String)
            return ("", error.GetString()!);
        string reason = Text(error, "reason");
        if (error.TryGetProperty("caused_by", out JsonElement cause))
            reason += ": " + Text(cause, "reason");
        return (Text(error, "type"), reason);
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";
}
