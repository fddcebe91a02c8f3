namespace ShitOps.Board.Tests.Fixtures;

/// <summary>One view of the board, as an operator sees it.</summary>
/// <param name="Name">In pictures and figures.</param>
/// <param name="Settled">A selector of what stands there once the view shows what it is for.</param>
internal sealed record BoardView(string Name, string Path, string Settled)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BoardView> All(Guid message, string team, Guid workflow, Guid ask) =>
    [
        new("tree", "/", ".hub.ok:visible, .outline .ok:visible"),
        new("messages", "/messages", "[data-testid=messages] tbody tr"),
        new("message", $"/messages/{message}", "[data-testid=trace] tbody tr"),
        new("teams", "/teams", "[data-testid=teams] tbody tr"),
        new("team", $"/teams/{team}", "[data-testid=waiting]"),
        new("tasks", "/tasks", "a.card"),
        new("workflow", $"/workflows/{workflow}", "[data-testid=workflow] tbody tr"),
        new("asks", "/asks", "[data-testid=asks] tbody tr"),
        new("ask", $"/asks/{ask}", "[data-testid=nodes] tbody tr"),
        new("quarantine", "/quarantine", "[data-testid=quarantine] tbody tr"),
        new("dead-letters", "/dead-letters", "[data-testid=dead-letters] tbody tr"),
        new("system", "/system", "[data-testid=silos] tbody tr"),
    ];
}
