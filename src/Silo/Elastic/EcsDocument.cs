using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ShitOps.Grains.Journal;

namespace ShitOps.Silo.Elastic;

/// <summary>
/// An event of the journal as an ECS document: one line of UTF-8 JSON. Pure: the same event at the same place gives the
/// same bytes. Every field written here is defined in the templates.
/// </summary>
internal static class EcsDocument
{
    public const string EcsVersion = "8.17.0", Dataset = "shitops.pipeline";

    /// <summary>Ticks of .NET are 100 ns, ECS counts nanoseconds.</summary>
    private const long NanosecondsPerTick = 100;

    public static void Write(IBufferWriter<byte> output, JournalEvent e, EventPlace place, ServiceIdentity service)
    {
        EcsKind kind = EcsKinds.Of(e);
        string? signature = Signature(e);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("@timestamp", e.At.UtcDateTime);
        json.WriteString("message", Line(e));
        json.Group("ecs", w => w.WriteString("version", EcsVersion));
        json.Text("log", "level", kind.Outcome == EcsKind.Failure || signature is not null ? "warn" : "info");
        WriteEvent(json, e, place, kind, signature is not null);
        WriteService(json, service, e.Silo);
        if (TraceContext.TryRead(e.TraceParent, out string trace, out string span))
        {
            json.Text("trace", "id", trace);
            json.Text("span", "id", span);
        }
        json.Text("source", "address", e.From);
        json.Text("destination", "address", e.Team);
        WriteActor(json, e.Actor);
        WriteFile(json, e);
        if (signature is not null)
        {
            json.WriteStartObject("rule");
            json.WriteString("name", signature);
            json.WriteString("category", "malware");
            json.Optional("version", e.SignatureVersion);
            json.WriteEndObject();
        }
        if (kind.Outcome == EcsKind.Failure && e.Reason is not null)
            json.Text("error", e.Type == EventTypes.NodeUnhealthy ? "type" : "message", e.Reason);
        WriteOwn(json, e, place);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, JournalEvent e, EventPlace place, EcsKind kind, bool alert)
    {
        json.WriteStartObject("event");
        json.WriteString("kind", alert ? "alert" : "event");
        json.Texts("category", kind.Category);
        json.Texts("type", kind.Type);
        json.WriteString("action", e.Type);
        json.WriteString("outcome", kind.Outcome);
        json.WriteString("id", place.Position);
        json.WriteNumber("sequence", place.Number);
        json.WriteString("dataset", Dataset);
        json.WriteString("module", "shitops");
        json.Optional("reason", e.Reason);
        // What the event ends began when its id was made: an id of version 7 tells the time.
        Guid? subject = IsWork(e) ? e.Reference : e.Message;
        if (subject is { Version: 7 } id && Made(id) is { } start && start <= e.At)
        {
            json.WriteString("start", start.UtcDateTime);
            json.WriteNumber("duration", (e.At - start).Ticks * NanosecondsPerTick);
        }
        json.WriteEndObject();
    }

    private static void WriteService(Utf8JsonWriter json, ServiceIdentity service, string? silo)
    {
        json.WriteStartObject("service");
        json.WriteString("name", service.Name);
        json.WriteString("version", service.Version);
        json.Optional("environment", service.Environment);
        json.Text("node", "name", silo);
        json.WriteEndObject();
    }

    private static void WriteActor(Utf8JsonWriter json, string? actor)
    {
        if (actor?.IndexOf(':', StringComparison.Ordinal) is not (> 0 and int colon))
            return;
        json.WriteStartObject("user");
        json.WriteString("id", actor.AsSpan(colon + 1));
        json.WriteStartArray("roles");
        json.WriteStringValue(actor.AsSpan(0, colon));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, JournalEvent e)
    {
        if (e.Size is null && e.Sha256 is null)
            return;
        string? digest = e.Sha256 is null ? null : Convert.ToHexStringLower(e.Sha256);
        json.WriteStartObject("file");
        if (e.Size is { } size)
            json.WriteNumber("size", size);
        json.Text("hash", "sha256", digest);
        json.WriteEndObject();
        if (digest is not null)
            json.Group("related", w => w.Texts("hash", [digest]));
    }

    private static void WriteOwn(Utf8JsonWriter json, JournalEvent e, EventPlace place)
    {
        json.WriteStartObject("shitops");
        json.Text("message", "id", e.Message?.ToString());
        json.Text("ask", "id", Ask(e)?.ToString());
        json.Text("task", "id", e.Type.StartsWith("task.", StringComparison.Ordinal) ? e.Reference?.ToString() : null);
        json.Optional("reference", e.Reference?.ToString());
        if (e.From is not null || e.Team is not null)
        {
            json.WriteStartObject("team");
            json.Optional("from", e.From);
            json.Optional("to", e.Team);
            json.WriteEndObject();
        }
        json.Optional("node", e.Node);
        json.Optional("silo", e.Silo);
        json.Optional("attempt", e.Attempt);
        json.Optional("verdict", e.Verdict);
        json.Text("signature", "version", e.SignatureVersion);
        json.Optional("actor", e.Actor);
        json.WriteNumber("writer", place.Writer);
        json.WriteNumber("number", place.Number);
        json.WriteNumber("place", place.Index);
        json.WriteEndObject();
    }

    private static bool IsWork(JournalEvent e) => e.Type.StartsWith("ask.", StringComparison.Ordinal) || e.Type.StartsWith("task.", StringComparison.Ordinal);

    /// <summary>An ask's question has the ask's id; a reply in quarantine is of an ask too, and names no message.</summary>
    private static Guid? Ask(JournalEvent e) =>
        e.Type.StartsWith("ask.", StringComparison.Ordinal)
        || (e.Reference is not null && (e.Reference == e.Message || e.Type.StartsWith("quarantine.", StringComparison.Ordinal)))
            ? e.Reference : null;

    /// <summary>The signature that was found. Where the reason names first what was scanned, what follows the colon.</summary>
    private static string? Signature(JournalEvent e)
    {
        if (e.Verdict != "infected" || e.Reason is null)
            return null;
        int colon = e.Type is EventTypes.AttachmentQuarantined or EventTypes.TaskRefused ? e.Reason.IndexOf(": ", StringComparison.Ordinal) : -1;
        return colon < 0 ? e.Reason : e.Reason[(colon + 2)..];
    }

    /// <summary>One line for people.</summary>
    private static string Line(JournalEvent e)
    {
        string way = (e.From, e.Team) switch
        {
            ({ } from, { } to) => $" {from} → {to}",
            ({ } from, null) => $" {from}",
            (null, { } to) => $" {to}",
            _ => e.Node is { } node ? string.Create(CultureInfo.InvariantCulture, $" node {node}") : "",
        };
        return e.Reason is null ? e.Type + way : $"{e.Type}{way}: {e.Reason}";
    }

    /// <summary>RFC 9562, section 5.7: the first 48 bits are Unix milliseconds.</summary>
    private static DateTimeOffset? Made(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        long milliseconds = 0;
        foreach (byte b in bytes[..6])
            milliseconds = (milliseconds << 8) | b;
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }
}
