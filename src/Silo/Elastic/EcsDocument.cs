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

    /// <summary>Of writers of documents: what we write is well formed.</summary>
    public static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public static void Write(Utf8JsonWriter json, JournalEvent e, EventPlace place, ServiceIdentity service)
    {
        EcsKind kind = EcsKinds.Of(e);
        string? signature = Signature(e);
        json.WriteStartObject();
        json.WriteString("@timestamp"u8, e.At.UtcDateTime);
        json.WriteString("message"u8, Line(e));
        json.Text("ecs"u8, "version"u8, EcsVersion);
        json.Text("log"u8, "level"u8, kind.Outcome == EcsKind.Failure || signature is not null ? "warn" : "info");
        WriteEvent(json, e, place, kind, signature is not null);
        WriteService(json, service, e.Silo);
        if (TraceContext.TryRead(e.TraceParent, out string trace, out string span))
        {
            json.Text("trace"u8, "id"u8, trace);
            json.Text("span"u8, "id"u8, span);
        }
        json.Text("source"u8, "address"u8, e.From);
        json.Text("destination"u8, "address"u8, e.Team);
        WriteActor(json, e.Actor);
        WriteFile(json, e);
        if (signature is not null)
        {
            json.WriteStartObject("rule"u8);
            json.WriteString("name"u8, signature);
            json.WriteString("category"u8, "malware");
            json.Optional("version"u8, e.SignatureVersion);
            json.WriteEndObject();
        }
        if (kind.Outcome == EcsKind.Failure && e.Reason is not null)
            json.Text("error"u8, e.Type == EventTypes.NodeUnhealthy ? "type"u8 : "message"u8, e.Reason);
        WriteOwn(json, e, place);
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteEvent(Utf8JsonWriter json, JournalEvent e, EventPlace place, EcsKind kind, bool alert)
    {
        json.WriteStartObject("event"u8);
        json.WriteString("kind"u8, alert ? "alert" : "event");
        json.Texts("category"u8, kind.Category);
        json.Texts("type"u8, kind.Type);
        json.WriteString("action"u8, e.Type);
        json.WriteString("outcome"u8, kind.Outcome);
        json.WriteString("id"u8, place.Position);
        json.WriteNumber("sequence"u8, place.Number);
        json.WriteString("dataset"u8, Dataset);
        json.WriteString("module"u8, "shitops");
        json.Optional("reason"u8, e.Reason);
        // What the event ends began when its id was made: an id of version 7 tells the time.
        Guid? subject = IsWork(e) ? e.Reference : e.Message;
        if (subject is { Version: 7 } id && Made(id) is { } start && start <= e.At)
        {
            json.WriteString("start"u8, start.UtcDateTime);
            json.WriteNumber("duration"u8, (e.At - start).Ticks * NanosecondsPerTick);
        }
        json.WriteEndObject();
    }

    public static void WriteService(Utf8JsonWriter json, ServiceIdentity service, string? silo)
    {
        json.WriteStartObject("service"u8);
        json.WriteString("name"u8, service.Name);
        json.WriteString("version"u8, service.Version);
        json.Optional("environment"u8, service.Environment);
        json.Text("node"u8, "name"u8, silo);
        json.WriteEndObject();
    }

    private static void WriteActor(Utf8JsonWriter json, string? actor)
    {
        if (actor?.IndexOf(':', StringComparison.Ordinal) is not (> 0 and int colon))
            return;
        json.WriteStartObject("user"u8);
        json.WriteString("id"u8, actor.AsSpan(colon + 1));
        json.WriteStartArray("roles"u8);
        json.WriteStringValue(actor.AsSpan(0, colon));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, JournalEvent e)
    {
        if (e.Size is null && e.Sha256 is null)
            return;
        string? digest = e.Sha256 is null ? null : Convert.ToHexStringLower(e.Sha256);
        json.WriteStartObject("file"u8);
        if (e.Size is { } size)
            json.WriteNumber("size"u8, size);
        json.Text("hash"u8, "sha256"u8, digest);
        json.WriteEndObject();
        if (digest is not null)
        {
            json.WriteStartObject("related"u8);
            json.Texts("hash"u8, [digest]);
            json.WriteEndObject();
        }
    }

    private static void WriteOwn(Utf8JsonWriter json, JournalEvent e, EventPlace place)
    {
        json.WriteStartObject("shitops"u8);
        json.Text("message"u8, "id"u8, e.Message);
        json.Text("ask"u8, "id"u8, Ask(e));
        json.Text("task"u8, "id"u8, e.Type.StartsWith("task.", StringComparison.Ordinal) ? e.Reference : null);
        if (e.Reference is { } reference)
            json.WriteString("reference"u8, reference);
        if (e.From is not null || e.Team is not null)
        {
            json.WriteStartObject("team"u8);
            json.Optional("from"u8, e.From);
            json.Optional("to"u8, e.Team);
            json.WriteEndObject();
        }
        json.Optional("node"u8, e.Node);
        json.Optional("silo"u8, e.Silo);
        json.Optional("attempt"u8, e.Attempt);
        json.Optional("verdict"u8, e.Verdict);
        json.Text("signature"u8, "version"u8, e.SignatureVersion);
        json.Optional("actor"u8, e.Actor);
        json.WriteNumber("writer"u8, place.Writer);
        json.WriteNumber("number"u8, place.Number);
        json.WriteNumber("place"u8, place.Index);
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
