namespace ShitOps.Kibana.Model;

/// <summary>What Kibana can do with a field; the mapping's type decides, see <see cref="Field"/>.</summary>
internal enum FieldKind
{
    /// <summary>keyword: split by, filter, count distinct.</summary>
    Word,
    /// <summary>long, integer, float and so on: filter, calculate, split by.</summary>
    Number,
    /// <summary>date: the time axis.</summary>
    Date,
}

/// <summary>A field of the index templates. The kind is said here again, and a test holds it against the mapping.</summary>
internal sealed record Field(string Name, FieldKind Kind)
{
    /// <summary>Lens' name of the type.</summary>
    public string DataType => Kind switch
    {
        FieldKind.Number => "number",
        FieldKind.Date => "date",
        _ => "string",
    };
}
