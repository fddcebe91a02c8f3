using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace ShitOps.Grains.Collation;

/// <summary>
/// What replies were reduced to: a <see cref="Tally"/> or a <see cref="Number"/>. It comes out of bodies, so it stays in
/// memory; whatever leaves the grain is sealed.
/// </summary>
internal abstract record Reduced
{
    public abstract void WriteTo(Utf8JsonWriter writer);

    /// <summary>The JSON text in UTF-8.</summary>
    public byte[] ToJson()
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
            WriteTo(writer);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static Reduced Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return root.ValueKind == JsonValueKind.Object
            ? new Tally(root.EnumerateObject().ToImmutableSortedDictionary(p => p.Name, p => p.Value.GetInt32(), StringComparer.Ordinal))
            : Number.Read(root) ?? throw new JsonException("Neither a tally nor a number.");
    }
}

/// <summary>How often each text was found, in ordinal order.</summary>
internal sealed record Tally(ImmutableSortedDictionary<string, int> Counts) : Reduced
{
    public static Tally Of(string text) => new(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal).Add(text, 1));

    public Tally Add(Tally other)
    {
        ImmutableSortedDictionary<string, int>.Builder counts = Counts.ToBuilder();
        foreach ((string text, int count) in other.Counts)
            counts[text] = counts.GetValueOrDefault(text) + count;
        return new Tally(counts.ToImmutable());
    }

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach ((string text, int count) in Counts)
            writer.WriteNumber(text, count);
        writer.WriteEndObject();
    }
}

/// <summary>A decimal where it can be one (28 digits, exact), else a double.</summary>
internal sealed record Number : Reduced
{
    private readonly decimal? _exact;
    private readonly double _approximate;

    private Number(decimal exact)
    {
        // Without trailing zeros: 1.0 and 1 are one number, and read the same.
        _exact = exact / 1.0000000000000000000000000000m;
        _approximate = (double)exact;
    }

    // A sum too large for a double stays at the largest one: JSON has no infinity.
    private Number(double approximate) => _approximate = Math.Clamp(approximate, -double.MaxValue, double.MaxValue);

    /// <returns>Null: not a number, or none that a double can hold.</returns>
    public static Number? Read(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double approximate) || !double.IsFinite(approximate))
            return null;
        // What is too small for a decimal would read as zero.
        return value.TryGetDecimal(out decimal exact) && (exact != 0 || approximate == 0) ? new Number(exact) : new Number(approximate);
    }

    public Number Add(Number other)
    {
        if (_exact is { } a && other._exact is { } b)
        {
            try
            {
                return new Number(a + b);
            }
            catch (OverflowException)
            {
                // Then as doubles.
            }
        }
        return new Number(_approximate + other._approximate);
    }

    /// <summary>Less than 0, 0 or more than 0.</summary>
    public int CompareTo(Number other) =>
        _exact is { } a && other._exact is { } b ? a.CompareTo(b) : _approximate.CompareTo(other._approximate);

    public override void WriteTo(Utf8JsonWriter writer)
    {
        if (_exact is { } exact)
            writer.WriteNumberValue(exact);
        else
            writer.WriteNumberValue(_approximate);
    }
}
