using ShitOps.Client;

namespace ShitOps.TestKit.Api;

/// <summary>The API answered a raw call otherwise than was expected.</summary>
public sealed class ApiException(string call, ApiAnswer answer)
    : Exception($"{call} answered {answer.Status}: {(answer.Text.Length > 2000 ? answer.Text[..2000] : answer.Text)}")
{
    public ApiAnswer Answer { get; } = answer;
    public int Status => Answer.Status;
    public Problem? Problem => Answer.Problem;
}
