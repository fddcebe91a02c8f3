using System.Text.Json;

namespace ShitOps.TestKit.Api;

/// <summary>An error as the API tells it (RFC 9457), with its stable code.</summary>
public sealed record Problem(int Status, string Code, string Title, string? Detail, string Text)
{
    /// <summary>Null if the text is no problem document with a code.</summary>
    public static Problem? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return From(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static Problem? From(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || json.Text("code") is not { Length: > 0 } code)
            return null;
        int status = json.TryGetProperty("status", out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : 0;
        return new(status, code, json.Text("title") ?? "", json.Text("detail"), json.GetRawText());
    }
}

/// <summary>The API answered otherwise than the caller of a typed method expects.</summary>
public sealed class ApiException(string call, ApiAnswer answer)
    : Exception($"{call} answered {answer.Status}: {(answer.Text.Length > 2000 ? answer.Text[..2000] : answer.Text)}")
{
    public ApiAnswer Answer { get; } = answer;
    public int Status => Answer.Status;
    public Problem? Problem => Answer.Problem;
}
