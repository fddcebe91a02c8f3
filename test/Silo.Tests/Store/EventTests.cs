using ShitOps.Grains;
using ShitOps.Grains.Journal;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Tests.Store;

public sealed class EventsOnMariaDb(OnMariaDb fixture) : EventTests(fixture), IClassFixture<OnMariaDb>;

[Trait("server", "mysql")]
public sealed class EventsOnMySql(OnMySql fixture) : EventTests(fixture), IClassFixture<OnMySql>;

public sealed class EventsOnSqlite(OnSqlite fixture) : EventTests(fixture), IClassFixture<OnSqlite>;

public abstract class EventTests(StoreFixture fixture)
{
    private static Note Note(string type, int number) => new() { Events = [new JournalEvent(type, Make.Now.AddSeconds(number)) { Attempt = number, Team = number % 2 == 0 ? "even" : "odd" }] };

    [Fact]
    public async Task Every_event_of_every_writer_is_paged_once_and_in_a_stable_order()
    {
        string type = "test." + Make.Team();
        await using StoreProcess second = await fixture.NewProcessAsync();
        StoreProcess[] writers = [fixture.Process, second];
        for (int i = 0; i < 150; i++)
            await writers[i % 7 == 0 ? 1 : 0].CommitAsync(Note(type + ".a", 2 * i), Note(type + ".b", (2 * i) + 1));

        List<EventView> all = await fixture.Process.EventsAsync(type + "*", null, 7);
        Assert.Equal(300, all.Count);
        Assert.Equal(300, all.Select(e => e.Position).Distinct().Count());
        List<EventView> again = await second.EventsAsync(type + "*", null, 1000);
        Assert.Equal(all.Select(e => e.Position), again.Select(e => e.Position));
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 2 == 0), (await second.EventsAsync(type + ".a", null, 50)).Select(e => e.Attempt!.Value).Order());
        Assert.Equal(150, (await second.EventsAsync(type + "*", "odd", 50)).Count);
        Assert.Empty(await second.EventsAsync(type, null, 50));
    }

    [Fact]
    public async Task A_reader_at_the_end_sees_what_comes_later_from_any_writer()
    {
        string type = "late." + Make.Team();
        await using StoreProcess second = await fixture.NewProcessAsync();
        IArchiveStore archive = fixture.Process.Get<IArchiveStore>();
        await fixture.Process.CommitAsync(Note(type, 1), Note(type, 2), Note(type, 3));
        string? after = null;
        Page<EventView> page;
        do
        {
            page = await archive.EventsAsync(new(type, null, after, 2));
            after = page.Next ?? after;
        }
        while (page.Items.Length == 0);
        Assert.Equal([1, 2], page.Items.Select(e => e.Attempt!.Value));
        await second.CommitAsync(Note(type, 4));
        var rest = new List<int>();
        do
        {
            page = await archive.EventsAsync(new(type, null, after, 2));
            rest.AddRange(page.Items.Select(e => e.Attempt!.Value));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal([3, 4], rest);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("YWJj")]
    public async Task A_cursor_that_is_none_of_ours_is_refused(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(() => fixture.Process.Get<IArchiveStore>().EventsAsync(new(null, null, cursor, 10)));
}
