namespace ShitOps.Kibana.Model;

internal enum Operation { Count, Distinct, Average, Min, Max, Percentile, Last }

/// <summary>A number that a panel shows.</summary>
/// <param name="Field">Null for <see cref="Operation.Count"/>, which counts documents.</param>
internal sealed record Measure(string Label, Operation Operation, Field? Field = null)
{
    /// <summary>For <see cref="Operation.Percentile"/>.</summary>
    public int Percent { get; init; }

    /// <summary>Only these of the panel's documents count for this number.</summary>
    public Where? Only { get; init; }

    /// <summary>Divided by the seconds of a bucket; on a time axis only.</summary>
    public bool PerSecond { get; init; }

    public static Measure Count(string label, Where? only = null) => new(label, Operation.Count) { Only = only };

    public static Measure Rate(string label, Where? only = null) => new(label, Operation.Count) { Only = only, PerSecond = true };

    public static Measure Distinct(string label, Field field, Where? only = null) => new(label, Operation.Distinct, field) { Only = only };

    public static Measure Average(string label, Field field) => new(label, Operation.Average, field);

    public static Measure Min(string label, Field field) => new(label, Operation.Min, field);

    public static Measure Max(string label, Field field) => new(label, Operation.Max, field);

    public static Measure Percentile(string label, Field field, int percent, Where? only = null) =>
        new(label, Operation.Percentile, field) { Percent = percent, Only = only };

    public static Measure Last(string label, Field field) => new(label, Operation.Last, field);
}

/// <summary>What a panel's numbers are split by: time, or the values of a field that occur most.</summary>
/// <param name="Size">How many values; what comes after them is left out.</param>
internal sealed record Split(Field Field, int Size, string Label)
{
    /// <summary>By value instead of by how often it occurs.</summary>
    public bool Ordered { get; init; }

    /// <summary>Also documents without the field, and all values beyond the size as one.</summary>
    public bool Missing { get; init; }

    public bool IsTime => Field.Kind == FieldKind.Date;

    public static Split Time { get; } = new(Boards.Fields.Timestamp, 0, "time");

    public static Split By(Field field, string label, int size = 10) => new(field, size, label);

    /// <summary>Every value in its order, as for the nodes of the tree.</summary>
    public static Split Each(Field field, string label, int size = 64) => new(field, size, label) { Ordered = true };
}
