using System.CommandLine;
using System.Text.Json;

namespace ShitOps.Cli;

/// <summary>What is sent: JSON, a text, or a file.</summary>
internal sealed class BodyOptions
{
    private readonly Option<string?>
        _body = new("--body", "-b") { Description = "JSON", HelpName = "JSON" },
        _text = new("--text", "-t") { Description = "A text", HelpName = "TEXT" },
        _file = new("--file", "-f") { Description = "A file's bytes; - is standard input", HelpName = "FILE" },
        _contentType = new("--content-type") { Description = "Of the file; application/json sends it as JSON", HelpName = "TYPE" };

    public void AddTo(Command command)
    {
        foreach (Option<string?> option in new[] { _body, _text, _file, _contentType })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            int given = new[] { _body, _text, _file }.Count(option => result.GetResult(option) is not null);
            if (given != 1)
                result.AddError("One of --body, --text and --file is needed, and only one");
            if (result.GetResult(_contentType) is not null && result.GetResult(_file) is null)
                result.AddError("--content-type belongs to --file");
        });
    }

    /// <exception cref="UsageException">Not JSON, or a file that cannot be read.</exception>
    public (JsonElement? Body, byte[]? Bytes, string? ContentType) Read(ParseResult parsed)
    {
        if (parsed.GetValue(_body) is { } json)
            return (Json("--body", json), null, null);
        if (parsed.GetValue(_text) is { } text)
            return (JsonSerializer.SerializeToElement(text, CliJson.Default.String), null, null);
        string file = parsed.GetValue(_file)!;
        string? type = parsed.GetValue(_contentType);
        return type == "application/json" ? (Json(file, Files.Text(file)), null, null) : (null, Files.Bytes(file), type);
    }

    /// <exception cref="UsageException">Not JSON.</exception>
    public static JsonElement Json(string name, string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException error)
        {
            throw new UsageException($"{name} is not JSON: {error.Message}");
        }
    }
}
