using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using ShitOps.Hosting.Logging;

namespace ShitOps.Hosting.Tests.Logging;

public sealed partial class EcsFormatterTests
{
    [Fact]
    public void An_event_is_one_line_with_the_fields_of_the_schema()
    {
        JsonElement json = Write(logger => Told.Delivered(logger, "qa-web", 3));
        Assert.Equal("info", Text(json, "log.level"));
        Assert.Equal("Delivered qa-web after 3", Text(json, "message"));
        Assert.Equal("test-service", Text(json, "service.name"));
        Assert.Equal("ShitOps.Test", Text(json, "log.logger"));
        Assert.Equal("4999", Text(json, "event.code"));
        Assert.Equal("Delivered", Text(json, "event.action"));
        Assert.Equal(EcsFormatter.EcsVersion, Text(json, "ecs.version"));
        Assert.Equal(TimeSpan.Zero, json.GetProperty("@timestamp").GetDateTimeOffset().Offset);
        Assert.Equal("qa-web", Text(json.GetProperty("labels"), "Team"));
        Assert.Equal("3", Text(json.GetProperty("labels"), "Attempts"));
    }

    [Fact]
    public void An_error_keeps_its_type_message_and_stack()
    {
        JsonElement json = Write(logger =>
        {
            try
            {
                throw new InvalidOperationException("line one\nline \"two\"");
            }
            catch (InvalidOperationException error)
            {
                Told.Broken(logger, error);
            }
        });
        Assert.Equal("error", Text(json, "log.level"));
        Assert.Equal("System.InvalidOperationException", Text(json, "error.type"));
        Assert.Equal("line one\nline \"two\"", Text(json, "error.message"));
        Assert.Contains("EcsFormatterTests", Text(json, "error.stack_trace"));
    }

    [Fact]
    public void A_trace_is_named_by_its_ids()
    {
        using var activity = new System.Diagnostics.Activity("test");
        activity.SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();
        JsonElement json = Write(logger => Told.Delivered(logger, "a", 1));
        Assert.Equal(activity.TraceId.ToHexString(), Text(json, "trace.id"));
        Assert.Equal(activity.SpanId.ToHexString(), Text(json, "span.id"));
    }

    [Fact]
    public void A_request_goes_to_the_fields_made_for_it()
    {
        JsonElement json = Line(
            ("RequestMethod", new ScalarValue("POST")), ("RequestPath", new ScalarValue("/v1/messages")),
            ("StatusCode", new ScalarValue(202)), ("Elapsed", new ScalarValue(1.5)));
        Assert.Equal("POST", Text(json, "http.request.method"));
        Assert.Equal("/v1/messages", Text(json, "url.path"));
        Assert.Equal(202, json.GetProperty("http.response.status_code").GetInt32());
        Assert.Equal(1_500_000, json.GetProperty("event.duration").GetInt64());
        Assert.False(json.TryGetProperty("labels", out _));
    }

    [Fact]
    public void A_field_of_the_schema_never_holds_a_value_of_another_type()
    {
        JsonElement json = Line(("StatusCode", new ScalarValue("teapot")), ("Elapsed", new ScalarValue(double.NaN)), ("RequestPath", new SequenceValue([])));
        Assert.False(json.TryGetProperty("http.response.status_code", out _));
        Assert.False(json.TryGetProperty("event.duration", out _));
        Assert.False(json.TryGetProperty("url.path", out _));
    }

    [Fact]
    public void Names_that_would_become_one_label_appear_once()
    {
        JsonElement labels = Line(("a.b", new ScalarValue("1")), ("a_b", new ScalarValue("2")), ("a b", new ScalarValue("3"))).GetProperty("labels");
        Assert.Equal("2", Text(labels, "a_b"));
        Assert.Single(labels.EnumerateObject());
    }

    [Fact]
    public void Whatever_the_properties_hold_the_line_is_one_object_without_a_field_twice() =>
        Gen.Dictionary(Gen.String[1, 10], Gen.OneOf<object>(
            Gen.String.Select(s => (object)s), Gen.Double.Select(d => (object)d), Gen.Int.Select(i => (object)i), Gen.DateTime.Select(d => (object)d)))
        .Sample(properties =>
        {
            (string, LogEventPropertyValue)[] all = [.. properties.Where(p => !string.IsNullOrWhiteSpace(p.Key)).Select(p => (p.Key, (LogEventPropertyValue)new ScalarValue(p.Value)))];
            JsonElement json = Line(all);
            Assert.Equal(json.EnumerateObject().Count(), json.EnumerateObject().Select(p => p.Name).Distinct().Count());
        });

    [Fact]
    public void A_text_without_end_is_cut_between_characters()
    {
        JsonElement labels = Line(("Long", new ScalarValue(string.Concat(Enumerable.Repeat("😀", 10_000))))).GetProperty("labels");
        string text = Text(labels, "Long");
        Assert.InRange(text.Length, 4_000, 4_096);
        Assert.DoesNotContain('\uFFFD', text);
        Assert.EndsWith("…", text);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static JsonElement Line(params (string Name, LogEventPropertyValue Value)[] properties)
    {
        var template = new Serilog.Parsing.MessageTemplateParser().Parse("text");
        return Parse(new LogEvent(TimeProvider.System.GetUtcNow(), LogEventLevel.Information, null, template, properties.Select(p => new LogEventProperty(p.Name, p.Value))));
    }

    private static JsonElement Write(Action<Microsoft.Extensions.Logging.ILogger> write)
    {
        var sink = new OneEvent();
        using Logger serilog = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        using var factory = new SerilogLoggerFactory(serilog);
        write(factory.CreateLogger("ShitOps.Test"));
        return Parse(sink.Event!);
    }

    private static JsonElement Parse(LogEvent logEvent)
    {
        var output = new StringWriter();
        new EcsFormatter("test-service").Format(logEvent, output);
        string line = output.ToString();
        Assert.EndsWith("\n", line);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private sealed class OneEvent : ILogEventSink
    {
        public LogEvent? Event { get; private set; }

        public void Emit(LogEvent logEvent) => Event = logEvent;
    }

    private static partial class Told
    {
        [LoggerMessage(4999, LogLevel.Information, "Delivered {Team} after {Attempts}")]
        public static partial void Delivered(Microsoft.Extensions.Logging.ILogger logger, string team, int attempts);

        [LoggerMessage(4998, LogLevel.Error, "Broken")]
        public static partial void Broken(Microsoft.Extensions.Logging.ILogger logger, Exception error);
    }
}
