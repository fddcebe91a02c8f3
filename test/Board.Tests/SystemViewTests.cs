using System.Text.RegularExpressions;
using ShitOps.Board.Tests.Fixtures;

namespace ShitOps.Board.Tests;

[Collection(SiteTests.Name)]
public sealed class SystemViewTests(BoardSite site)
{
    private static readonly LocatorAssertionsToHaveTextOptions Long = new() { Timeout = 60_000 };

    [Fact]
    public async Task What_Elasticsearch_has_not_taken_is_seen_to_wait_and_to_go()
    {
        await using BoardPage board = await site.AtAsync(site.Standalone.OperatorKey, "/system");
        ILocator lag = board.Page.GetByTestId("lag"), age = board.Page.GetByTestId("lag-age");
        await Assertions.Expect(lag).ToHaveTextAsync("0 events", Long);
        site.Elastic.Busy = true;
        try
        {
            await site.Standalone.Operator.CreateTeamAsync(Names.New("told-late"));
            await Assertions.Expect(lag).ToHaveTextAsync(new Regex("^[1-9][0-9,]* events$"), Long);
            await Assertions.Expect(age).ToHaveTextAsync(new Regex("^[1-9][0-9,]* s$"), Long);
            await board.Page.GetByText("journal export: ").WaitForAsync();
            await Shots.TakeAsync(board.Page, "lag");
        }
        finally
        {
            site.Elastic.Busy = false;
        }
        await Assertions.Expect(lag).ToHaveTextAsync("0 events", Long);
        await Assertions.Expect(age).ToHaveTextAsync("0 s", Long);
        Assert.Empty(board.Faults);
    }
}
