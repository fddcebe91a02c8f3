using System.Text.Json;

namespace ShitOps.Gateway.Problems;

/// <summary>One thing wrong with a request: in its body at a JSON pointer (RFC 6901), or in a query parameter or header.</summary>
/// <param name="Status">The status if it is the worst of the request: 400 before 413 before 422.</param>
public readonly record struct Fault(string? At, string Code, string Detail, int Status = StatusCodes.Status422UnprocessableEntity)
{
    /// <summary>The query parameter or header, when it is not in the body.</summary>
    public string? Parameter { get; init; }

    public static Fault OfParameter(string parameter, string code, string detail, int status = StatusCodes.Status422UnprocessableEntity) =>
        new(null, code, detail, status) { Parameter = parameter };

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (At is not null)
            writer.WriteString("pointer", At);
        if (Parameter is not null)
            writer.WriteString("parameter", Parameter);
        writer.WriteString("code", Code);
        writer.WriteString("detail", Detail);
        writer.WriteEndObject();
    }
}

/// <summary>Gathers every fault of a request, so that its caller learns of all at once.</summary>
public sealed class Faults
{
    /// <summary>More than this are counted, not listed: a request may hold ten thousand things, each of them wrong.</summary>
    public const int Listed = 1_000;

    private readonly List<Fault> _found = [];
    private int _left;

    public bool Any => _found.Count > 0;

    public IReadOnlyList<Fault> Found => _found;

    public void Add(Fault fault)
    {
        if (_found.Count < Listed)
            _found.Add(fault);
        else
            _left++;
    }

    public void Add(string at, string code, string detail, int status = StatusCodes.Status422UnprocessableEntity) =>
        Add(new(at, code, detail, status));

    /// <summary>True if something was found at that very place.</summary>
    public bool Has(string at) => _found.Exists(f => f.At == at);

    /// <summary>Takes over what was found in an object that stands at <paramref name="at"/> of this one, and empties the other.</summary>
    public void Take(Faults inner, string at)
    {
        foreach (Fault fault in inner._found)
            Add(fault with { At = at + fault.At });
        _left += inner._left;
        inner._found.Clear();
        inner._left = 0;
    }

    public void ThrowIfAny()
    {
        if (Any)
            throw new ProblemException(ToProblem());
    }

    /// <summary>The code of the problem is the faults' own if they agree, else <c>invalid_request</c>.</summary>
    public Problem ToProblem()
    {
        int status = _found.Min(f => f.Status);
        string code = _found.TrueForAll(f => f.Code == _found[0].Code) ? _found[0].Code : "invalid_request";
        string detail = _found.Count == 1 ? _found[0].Detail
            : _left == 0 ? $"{_found.Count} faults; see errors."
            : $"{_found.Count + _left} faults; see errors for the first {_found.Count}.";
        return new Problem(status, code, detail, _found);
    }
}
