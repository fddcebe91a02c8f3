using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ShitOps.Gateway.Problems;

namespace ShitOps.Gateway.Json;

/// <summary>Reads one field's value, on which the reader stands, into the target; whatever it is, it must be read to its end.</summary>
internal delegate void FieldReader<in T>(ref Utf8JsonReader reader, T target, Faults faults);

/// <summary>
/// Reads a JSON object by a table of its fields, gathering every fault. Text that is no JSON is one fault and ends the
/// reading: there is no telling what the rest was meant to be.
/// </summary>
internal sealed class FieldTable<T>(params (string Name, FieldReader<T> Read)[] fields)
{
    /// <summary>Levels of nesting, the object itself being the first.</summary>
    public const int MaxDepth = 64;
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };
    private readonly (string Name, byte[] Utf8, FieldReader<T> Read)[] _fields =
        [.. fields.Select(f => (f.Name, Encoding.UTF8.GetBytes(f.Name), f.Read))];

    /// <summary>Null when the object could be read; faults in it are in <paramref name="faults"/>.</summary>
    public Problem? Read(ReadOnlySpan<byte> json, T target, Faults faults)
    {
        if (!Utf8.IsValid(json))
            return new Problem(400, "invalid_utf8", "The text is not valid UTF-8.");
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                reader.Read();
                return Known.Malformed("A JSON object is expected.");
            }
            ReadFields(ref reader, target, faults);
            // What follows the object must be white space.
            reader.Read();
            return null;
        }
        catch (JsonException error)
        {
            return Known.Malformed(error.Message.Contains("depth", StringComparison.Ordinal)
                ? $"Nested deeper than {MaxDepth} levels."
                : $"Not JSON, at line {error.LineNumber + 1}, byte {error.BytePositionInLine}.");
        }
    }

    /// <summary>Reads an object within another; the reader stands on whatever there is. Places of faults begin at this object.</summary>
    public void ReadInner(ref Utf8JsonReader reader, T target, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            ReadFields(ref reader, target, faults);
        else
            JsonText.WrongType(ref reader, "", "an object", faults);
    }

    private void ReadFields(ref Utf8JsonReader reader, T target, Faults faults)
    {
        ulong seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int index = IndexOf(ref reader);
            if (index < 0)
            {
                string name = JsonText.Lenient(ref reader);
                faults.Add(Pointer(name), "unknown_field", Unknown(name));
            }
            else if ((seen & (1ul << index)) != 0)
            {
                faults.Add("/" + _fields[index].Name, "duplicate_field", $"'{_fields[index].Name}' stands twice.", 400);
            }
            reader.Read();
            if (index < 0 || (seen & (1ul << index)) != 0)
            {
                reader.Skip();
                continue;
            }
            seen |= 1ul << index;
            _fields[index].Read(ref reader, target, faults);
        }
    }

    private int IndexOf(ref Utf8JsonReader reader)
    {
        for (int i = 0; i < _fields.Length && JsonText.IsWhole(ref reader); i++)
        {
            if (reader.ValueTextEquals(_fields[i].Utf8))
                return i;
        }
        return -1;
    }

    private string Unknown(string name) => _fields.Length == 0
        ? $"There is no field '{Shorten(name)}'; nothing is needed here."
        : $"There is no field '{Shorten(name)}'; the nearest is '{NearestName.Of(name, _fields.Select(f => f.Name))}'.";

    private static string Pointer(string name) =>
        "/" + Shorten(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64];
}
