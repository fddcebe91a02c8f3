using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ShitOps.Client;
using Spectre.Console;

namespace ShitOps.Cli;

/// <summary>Writes results: for people, or one JSON object a line. Refusals go to standard error in either form.</summary>
internal sealed class Output
{
    /// <summary>Redirected, nothing is cut to the width of a screen.</summary>
    private const int Unbounded = 10_000;

    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });

    public Output(bool isJson)
    {
        IsJson = isJson;
        if (Console.IsOutputRedirected)
            _console.Profile.Width = Unbounded;
    }

    public bool IsJson { get; }

    /// <summary>The value as JSON, or what a person wants to know of it.</summary>
    public void Write<T>(T value, JsonTypeInfo<T> type, Action<IAnsiConsole> tell)
    {
        if (IsJson)
            Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
        else
            tell(_console);
    }

    /// <summary>Each as a line of JSON, as it comes, or all in a table.</summary>
    public async Task ListAsync<T>(IAsyncEnumerable<T> items, JsonTypeInfo<T> type, string[] columns, Func<T, string?[]> row, CancellationToken stop)
    {
        Table? table = null;
        await foreach (T item in items.WithCancellation(stop))
        {
            if (IsJson)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(item, type));
                continue;
            }
            table ??= Table(columns);
            table.AddRow([.. row(item).Select(Cell)]);
        }
        if (table is not null)
            _console.Write(table);
        else if (!IsJson)
            _console.WriteLine("none");
    }

    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, 2, 0) });
        return table;
    }

    public static Text Cell(string? text) => new(Plain(text));

    public static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";

    public void Line(string text) => _console.WriteLine(Plain(text));

    /// <summary>What others wrote must not steer this terminal: a control character becomes a mark.</summary>
    public static string Plain(string? text) => text is null || !text.Any(char.IsControl) ? text ?? "" : string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>How far something is that takes its time: to standard error, so that results stay results.</summary>
    public void Progress(string message)
    {
        if (IsJson)
            Console.Error.WriteLine(JsonSerializer.Serialize(new Underway(message), CliJson.Default.Underway));
        else
            Console.Error.WriteLine(message);
    }

    public void Error(string message)
    {
        if (IsJson)
            Console.Error.WriteLine(JsonSerializer.Serialize(new Failure(message), CliJson.Default.Failure));
        else
            Console.Error.WriteLine("shitops: " + message);
    }

    public void Refusal(ShitOpsException refused)
    {
        if (IsJson)
        {
            Console.Error.WriteLine(JsonSerializer.Serialize(refused.Problem, CliJson.Default.Problem));
            return;
        }
        Console.Error.WriteLine("shitops: " + Plain(refused.Message));
        foreach (Fault fault in refused.Faults)
            Console.Error.WriteLine(Plain($"  {fault.At ?? fault.Parameter} {fault.Code}: {fault.Detail}"));
        if (refused.Status == 401)
            Console.Error.WriteLine($"  set {Connection.KeyVariable} or {Connection.KeyFileVariable}, or give --key-file");
    }

    /// <summary>JSON as a person reads it: letters as letters.</summary>
    public static string Readable(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Undefined => "",
        JsonValueKind.String => json.GetString()!,
        _ => JsonSerializer.Serialize(json, Relaxed),
    };

    private static readonly JsonTypeInfo<JsonElement> Relaxed =
        (JsonTypeInfo<JsonElement>)new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = CliJson.Default }.GetTypeInfo(typeof(JsonElement));
}
