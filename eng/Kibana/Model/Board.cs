namespace ShitOps.Kibana.Model;

/// <summary>Panels side by side; their widths make 48 together.</summary>
/// <param name="Height">Rows of the grid, some 20 pixels each.</param>
internal sealed record Row(int Height, params Panel[] Panels);

/// <summary>A list of values above a dashboard to choose from.</summary>
internal sealed record Control(string Id, string Title, Field Field);

/// <summary>A dashboard. Its id is kept for ever.</summary>
/// <param name="Since">The time shown at first, as <c>now-1h</c>.</param>
internal sealed record Board(string Id, string Title, string Description, string Since, Control[] Controls, Row[] Rows);

/// <summary>A saved search, opened in Discover or shown on dashboards.</summary>
internal sealed record Search(string Id, string Title, string Description, Where Where, Field[] Columns)
{
    /// <summary>Oldest first, as for the way of one message.</summary>
    public bool OldestFirst { get; init; }
}

/// <summary>
/// An alert rule of the type <c>.es-query</c>, which the free licence has: documents of the last minutes are counted, or a
/// field of them reduced, over all or for each value of <see cref="Each"/>, and held against the threshold.
/// </summary>
/// <param name="Id">A UUID: Kibana takes no other id for a rule, because rules hold encrypted attributes.</param>
internal sealed record Rule(string Id, string Name, string Title, string Meaning, Where Where, int Minutes)
{
    /// <summary>count, or min, max, avg, sum of <see cref="Of"/>.</summary>
    public string Aggregation { get; init; } = "count";

    public Field? Of { get; init; }

    public Field? Each { get; init; }

    /// <summary>One of <c>&gt;</c>, <c>&gt;=</c>, <c>&lt;</c>.</summary>
    public string Comparator { get; init; } = ">";

    public long Threshold { get; init; }
}
