using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Serilog.Events;

namespace ShitOps.Hosting.Logging;

/// <summary>Properties that the Elastic Common Schema has a field for. A value of an unexpected type is left out rather than written wrong.</summary>
internal static class EcsFields
{
    private static readonly FrozenDictionary<string, Action<Utf8JsonWriter, LogEventPropertyValue>> Writers =
        new Dictionary<string, Action<Utf8JsonWriter, LogEventPropertyValue>>(StringComparer.Ordinal)
        {
            ["SourceContext"] = (json, value) => Text(json, "log.logger", value),
            ["EventId"] = EventId,
            ["RequestId"] = (json, value) => Text(json, "http.request.id", value),
            ["RequestMethod"] = (json, value) => Text(json, "http.request.method", value),
            ["RequestPath"] = (json, value) => Text(json, "url.path", value),
            ["StatusCode"] = (json, value) => Number(json, "http.response.status_code", value, 1),
            // Milliseconds there, nanoseconds here.
            ["Elapsed"] = (json, value) => Number(json, "event.duration", value, 1_000_000),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Action<Utf8JsonWriter, LogEventPropertyValue>? For(string property) => Writers.GetValueOrDefault(property);

    private static void Text(Utf8JsonWriter json, string field, LogEventPropertyValue value)
    {
        if (value is ScalarValue { Value: string text })
            json.WriteString(field, EcsFormatter.Cut(text, 4_096));
    }

    private static void Number(Utf8JsonWriter json, string field, LogEventPropertyValue value, double factor)
    {
        if (value is not ScalarValue { Value: int or long or double or float or decimal } scalar)
            return;
        double number = Convert.ToDouble(scalar.Value, CultureInfo.InvariantCulture) * factor;
        if (Math.Abs(number) < long.MaxValue)
            json.WriteNumber(field, (long)number);
    }

    private static void EventId(Utf8JsonWriter json, LogEventPropertyValue value)
    {
        if (value is not StructureValue structure)
            return;
        foreach (LogEventProperty part in structure.Properties)
        {
            if (part is { Name: "Id", Value: ScalarValue { Value: int id } } && id != 0)
                json.WriteString("event.code", id.ToString(CultureInfo.InvariantCulture));
            else if (part is { Name: "Name", Value: ScalarValue { Value: string name } })
                json.WriteString("event.action", name);
        }
    }
}
