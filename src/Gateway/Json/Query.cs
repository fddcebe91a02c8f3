using System.Globalization;
using Microsoft.Extensions.Primitives;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Json;

/// <summary>Reads query parameters, gathering every fault: unknown ones, repeated ones, values out of bounds.</summary>
internal sealed class Query(HttpRequest request)
{
    private readonly Faults _faults = new();
    private readonly List<string> _known = [];

    public int Whole(string name, int @default, int min, int max)
    {
        if (Value(name) is not { } text)
            return @default;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max)
            return value;
        _faults.Add(Fault.OfParameter(name, "out_of_range", $"'{name}' must be a whole number from {min} to {max}."));
        return @default;
    }

    public string? Text(string name, int maxLength)
    {
        string? text = Value(name);
        if (text is null || (text.Length > 0 && text.Length <= maxLength && !JsonText.HasControl(text)))
            return text;
        _faults.Add(Fault.OfParameter(name, "bad_length", $"'{name}' must have 1 to {maxLength} characters, none of them a control character."));
        return null;
    }

    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        string? text = Value(name);
        if (text is null || words.Contains(text))
            return text;
        _faults.Add(Fault.OfParameter(name, "unknown_value", $"'{name}' must be one of: {string.Join(", ", words!)}."));
        return null;
    }

    public Guid? Id(string name)
    {
        if (Value(name) is not { } text)
            return null;
        if (Guid.TryParseExact(text, "D", out Guid id))
            return id;
        _faults.Add(Fault.OfParameter(name, "bad_id", $"'{name}' must be a UUID."));
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Value(name) is not { } text)
            return null;
        // RFC 3339: without an offset it would be anybody's time.
        if (text.Length >= 20 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            return at.ToUniversalTime();
        }
        _faults.Add(Fault.OfParameter(name, "bad_time", $"'{name}' must be a time of RFC 3339, as 2026-12-01T08:00:00Z."));
        return null;
    }

    public bool Flag(string name) => OneOf(name, "true", "false") == "true";

    public int PageSize() => Whole("limit", Limits.PageSize, 1, Limits.MaxPageSize);

    public string? After() => Text("after", 256);

    /// <summary>A fault that lies in more than one parameter.</summary>
    public void Refuse(string name, string code, string detail) => _faults.Add(Fault.OfParameter(name, code, detail));

    /// <exception cref="ProblemException">422 with every fault. Call once all parameters have been read.</exception>
    public void ThrowIfFaulty()
    {
        foreach (string name in request.Query.Keys)
        {
            if (!_known.Contains(name))
            {
                _faults.Add(Fault.OfParameter(name.Length <= 64 ? name : name[..64], "unknown_parameter", _known.Count == 0
                    ? "This address takes no parameters."
                    : $"There is no such parameter; the nearest is '{NearestName.Of(name, _known)}'."));
            }
        }
        _faults.ThrowIfAny();
    }

    private string? Value(string name)
    {
        _known.Add(name);
        StringValues values = request.Query[name];
        if (values.Count > 1)
            _faults.Add(Fault.OfParameter(name, "duplicate_parameter", $"'{name}' stands twice."));
        return values.Count == 0 ? null : values[0];
    }
}
