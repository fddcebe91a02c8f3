namespace ShitOps.Kibana.Model;

/// <summary>A panel of a dashboard. Widths are columns of 48.</summary>
/// <param name="Id">Unique in its dashboard and kept for ever: Kibana's links and drill-downs use it.</param>
internal abstract record Panel(string Id, string Title, int Width)
{
    public Where? Where { get; init; }

    /// <summary>The dashboard that a click on a value opens, with that value as filter and the same time.</summary>
    public string? OpensBoard { get; init; }

    public virtual IReadOnlyList<Split> Splits => [];

    public virtual IReadOnlyList<Measure> Measures => [];
}

/// <summary>One number.</summary>
internal sealed record Number(string Id, string Title, int Width, Measure Measure) : Panel(Id, Title, Width)
{
    public override IReadOnlyList<Measure> Measures => [Measure];
}

internal enum Shape { Line, Area, Bars }

/// <summary>Numbers over time or over the values of a field, in one series or in one for each value of another.</summary>
internal sealed record Chart(string Id, string Title, int Width, Shape Shape, Split Along, Measure[] Numbers, Split? Series = null) : Panel(Id, Title, Width)
{
    public override IReadOnlyList<Split> Splits => Series is null ? [Along] : [Series, Along];

    public override IReadOnlyList<Measure> Measures => Numbers;
}

internal sealed record Table(string Id, string Title, int Width, Split[] Rows, Measure[] Columns) : Panel(Id, Title, Width)
{
    public override IReadOnlyList<Split> Splits => Rows;

    public override IReadOnlyList<Measure> Measures => Columns;
}

/// <summary>A number as colour, over two splits.</summary>
internal sealed record Heat(string Id, string Title, int Width, Split Across, Split Down, Measure Colour) : Panel(Id, Title, Width)
{
    public override IReadOnlyList<Split> Splits => [Across, Down];

    public override IReadOnlyList<Measure> Measures => [Colour];
}

/// <summary>A saved search shown as a panel.</summary>
internal sealed record Documents(string Id, string Title, int Width, string Search) : Panel(Id, Title, Width);
