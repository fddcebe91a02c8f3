using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace ShitOps.Hosting.Logging;

/// <summary>
/// One log event as one line of JSON in the Elastic Common Schema. What the schema has a field for goes there; every
/// other property becomes a text under <c>labels</c>, so that no two programs ever disagree about a field's type.
/// </summary>
/// <remarks>https://www.elastic.co/docs/reference/ecs/ecs-field-reference</remarks>
public sealed class EcsFormatter(string serviceName, string? serviceVersion = null, string? node = null) : ITextFormatter
{
    public const string EcsVersion = "8.17.0";

    /// <summary>Above the length that keyword fields are indexed with (1,024), below what makes a line a burden.</summary>
    private const int LongestLabel = 4_096;

    /// <summary>Longest stack or message, in characters.</summary>
    private const int LongestText = 32_768;

    /// <summary>Texts without quotes around them: the line is read by people.</summary>
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    private readonly JsonEncodedText _service = JsonEncodedText.Encode(serviceName);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    public void Format(LogEvent logEvent, TextWriter output)
    {
        ArrayBufferWriter<byte> buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            WriteEvent(json, logEvent);
            json.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    private static string Render(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, text);
        return text.ToString();
    }

    private void WriteEvent(Utf8JsonWriter json, LogEvent logEvent)
    {
        json.WriteString("@timestamp", logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("log.level", Level(logEvent.Level));
        json.WriteString("message", Cut(Render(logEvent), LongestText));
        json.WriteString("ecs.version", EcsVersion);
        json.WriteString("service.name", _service);
        if (serviceVersion is not null)
            json.WriteString("service.version", serviceVersion);
        if (node is not null)
            json.WriteString("service.node.name", node);
        if (logEvent.TraceId is { } trace)
            json.WriteString("trace.id", trace.ToHexString());
        if (logEvent.SpanId is { } span)
            json.WriteString("span.id", span.ToHexString());
        WriteFields(json, logEvent.Properties);
        if (logEvent.Exception is { } error)
            WriteError(json, error);
        WriteLabels(json, logEvent.Properties);
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyDictionary<string, LogEventPropertyValue> properties)
    {
        foreach ((string name, LogEventPropertyValue value) in properties)
        {
            if (EcsFields.For(name) is { } write)
                write(json, value);
        }
    }

    private static void WriteError(Utf8JsonWriter json, Exception error)
    {
        json.WriteString("error.type", error.GetType().FullName);
        json.WriteString("error.message", Cut(error.Message, LongestText));
        json.WriteString("error.stack_trace", Cut(error.ToString(), LongestText));
    }

    private static void WriteLabels(Utf8JsonWriter json, IReadOnlyDictionary<string, LogEventPropertyValue> properties)
    {
        bool open = false;
        HashSet<string>? rewritten = null;
        foreach ((string name, LogEventPropertyValue value) in properties)
        {
            if (EcsFields.For(name) is not null || Text(value) is not { } text)
                continue;
            string label = name;
            // A dot in a name would be an object in Elasticsearch and may clash with a text of that name.
            if (name.AsSpan().ContainsAny('.', ' ', '*'))
            {
                label = name.Replace('.', '_').Replace(' ', '_').Replace('*', '_');
                if (properties.ContainsKey(label) || !(rewritten ??= []).Add(label))
                    continue;
            }
            if (!open)
            {
                json.WriteStartObject("labels");
                open = true;
            }
            json.WriteString(label, Cut(text, LongestLabel));
        }
        if (open)
            json.WriteEndObject();
    }

    private static string? Text(LogEventPropertyValue value) => value switch
    {
        ScalarValue { Value: null } => null,
        ScalarValue { Value: string text } => text,
        ScalarValue { Value: bool flag } => flag ? "true" : "false",
        ScalarValue { Value: IFormattable formattable } =>
            formattable.ToString(formattable is DateTimeOffset or DateTime ? "O" : null, CultureInfo.InvariantCulture),
        ScalarValue { Value: { } other } => other.ToString(),
        _ => value.ToString(null, CultureInfo.InvariantCulture),
    };

    internal static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warn",
        LogEventLevel.Error => "error",
        _ => "fatal",
    };
}
