using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Tests.Store;

public sealed class ChainsOnMariaDb : ChainTests
{
    protected override StoreFixture NewDatabase() => new OnMariaDb();
}

[Trait("server", "mysql")]
public sealed class ChainsOnMySql : ChainTests
{
    protected override StoreFixture NewDatabase() => new OnMySql();
}

public sealed class ChainsOnSqlite : ChainTests
{
    protected override StoreFixture NewDatabase() => new OnSqlite();
}

/// <summary>Whatever is done to the journal by who has the database and not the key is found; what silos do is not mistaken for it.</summary>
public abstract class ChainTests : IAsyncLifetime
{
    private StoreFixture _fixture = null!;

    protected abstract StoreFixture NewDatabase();

    private StoreProcess First => _fixture.Process;

    public async ValueTask InitializeAsync()
    {
        _fixture = NewDatabase();
        await _fixture.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal static async Task<(long Rows, long Unsealed, List<JournalFault> Faults)> VerifyAsync(StoreProcess store)
    {
        (long rows, long unsealed) = (0, 0);
        var faults = new List<JournalFault>();
        string? after = null;
        do
        {
            JournalReport part = await store.Get<IArchiveStore>().VerifyJournalAsync(after);
            (rows, unsealed) = (rows + part.Rows, unsealed + part.Unsealed);
            faults.AddRange(part.Faults);
            after = part.Next;
        }
        while (after is not null);
        return (rows, unsealed, faults);
    }

    internal static async Task AssertWholeAsync(StoreProcess store, long rows)
    {
        (long found, long unsealed, List<JournalFault> faults) = await VerifyAsync(store);
        Assert.Empty(faults);
        Assert.Equal((rows, 0), (found, unsealed));
    }

    private static async Task WriteAsync(StoreProcess store, int rows)
    {
        for (int i = 0; i < rows; i++)
            await store.CommitAsync(new Note { Events = [Make.Told("test.chain", Guid.CreateVersion7())] });
    }

    private async Task<int> DoAsync(string sql, params object?[] values)
    {
        Database database = First.Get<Database>();
        await using DbConnection connection = database.OpenForWriting();
        return await database.ExecuteAsync(connection, sql, values);
    }

    private async Task<byte[]> DataAsync(int number) =>
        (await First.Get<Database>().QueryAsync("SELECT data FROM journal WHERE writer = 1 AND number = ?", [number], row => row.Bytes(0)))[0];

    private async Task<string[]> FoundAsync() => [.. (await VerifyAsync(First)).Faults.Select(fault => $"{fault.Kind} {fault.Writer} {fault.First} {fault.Last}")];

    private async Task RetainAsync(long maxBytes, DateTimeOffset? before = null)
    {
        await using DbConnection connection = First.Get<Database>().OpenForWriting();
        await First.Get<JournalRetention>().RunAsync(connection, before ?? DateTimeOffset.UnixEpoch, maxBytes, CancellationToken.None);
    }

    [Fact]
    public async Task What_writers_wrote_is_whole()
    {
        await AssertWholeAsync(First, 0);
        await WriteAsync(First, 200);
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await Task.WhenAll(WriteAsync(First, 100), WriteAsync(second, 100));
        Assert.True(await second.Get<JournalHeads>().TellAsync());
        Assert.False(await second.Get<JournalHeads>().TellAsync());
        await AssertWholeAsync(First, 400);
    }

    [Fact]
    public async Task The_careful_path_and_an_empty_row_are_sealed_too()
    {
        NewMessage message = Make.Message("a");
        await First.CommitAsync(Make.Insert(message));
        Assert.False(Assert.Single(await First.AppliedAsync(Make.Move(message.Id, MessageState.Held, MessageStateSet.Of(MessageState.Delivered)))));
        Assert.True(Assert.Single(await First.AppliedAsync(Make.Move(message.Id, MessageState.Held))));
        await AssertWholeAsync(First, (await First.Get<Database>().QueryAsync("SELECT 1 FROM journal", [], _ => true)).Count);
    }

    [Fact]
    public async Task A_changed_byte_is_found_and_where()
    {
        await WriteAsync(First, 10);
        byte[] data = await DataAsync(5);
        data[^1] ^= 1;
        Assert.Equal(1, await DoAsync("UPDATE journal SET data = ? WHERE writer = 1 AND number = 5", data));
        Assert.Equal(["changed 1 5 5"], await FoundAsync());
    }

    [Theory]
    [InlineData("at = at + 1")]
    [InlineData("events = events + 1")]
    [InlineData("bytes = bytes + 1")]
    [InlineData("number = 11")]
    public async Task What_stands_beside_the_events_is_sealed_with_them(string change)
    {
        await WriteAsync(First, 10);
        Assert.Equal(1, await DoAsync($"UPDATE journal SET {change} WHERE writer = 1 AND number = 10"));
        Assert.Contains(await FoundAsync(), found => found.StartsWith("changed 1 1", StringComparison.Ordinal) || found == "missing 1 10 10");
    }

    [Fact]
    public async Task A_missing_row_is_found_and_where()
    {
        await WriteAsync(First, 10);
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number IN (4, 5, 8)");
        Assert.Equal(["missing 1 4 5", "missing 1 8 8"], await FoundAsync());
    }

    [Fact]
    public async Task Missing_first_rows_are_not_taken_for_what_retention_deleted()
    {
        await WriteAsync(First, 10);
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number <= 3");
        Assert.Equal(["missing 1 1 3"], await FoundAsync());
        byte[] seal = (await First.Get<Database>().QueryAsync("SELECT seal FROM journal WHERE number = 4", [], row => row.Bytes(0)))[0];
        await DoAsync("UPDATE journal_chain SET gone = 4, gone_seal = ? WHERE writer = 1", seal);
        Assert.Contains("chain 1 0 0", await FoundAsync());
    }

    [Fact]
    public async Task Rows_in_each_others_place_are_found()
    {
        await WriteAsync(First, 10);
        await DoAsync("UPDATE journal SET number = 100 WHERE writer = 1 AND number = 5");
        await DoAsync("UPDATE journal SET number = 5 WHERE writer = 1 AND number = 6");
        await DoAsync("UPDATE journal SET number = 6 WHERE writer = 1 AND number = 100");
        Assert.Contains("changed 1 5 5", await FoundAsync());
    }

    [Fact]
    public async Task A_row_put_in_is_found()
    {
        await WriteAsync(First, 10);
        await DoAsync("INSERT INTO journal (writer, number, at, events, bytes, data, seal) SELECT writer, 11, at, events, bytes, data, seal FROM journal WHERE writer = 1 AND number = 10");
        Assert.Equal(["changed 1 11 11"], await FoundAsync());
    }

    [Fact]
    public async Task A_row_of_another_writer_does_not_pass_for_ones_own()
    {
        await WriteAsync(First, 3);
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await WriteAsync(second, 2);
        await DoAsync("UPDATE journal SET writer = 2, number = 3 WHERE writer = 1 AND number = 3");
        Assert.Equal(["changed 2 3 3"], await FoundAsync());
    }

    [Fact]
    public async Task An_end_cut_off_after_it_was_written_down_is_found()
    {
        await WriteAsync(First, 10);
        Assert.True(await First.Get<JournalHeads>().TellAsync());
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number > 7");
        Assert.Equal(["missing 1 10 10"], await FoundAsync());
        await DoAsync("UPDATE journal_chain SET heads = X'' WHERE writer = 1");
        Assert.Equal(["chain 1 0 0"], await FoundAsync());
    }

    [Fact]
    public async Task A_writer_that_is_gone_with_everything_is_missed_by_the_others()
    {
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await WriteAsync(First, 5);
        await WriteAsync(second, 5);
        Assert.True(await second.Get<JournalHeads>().TellAsync());
        foreach (string table in (string[])["journal", "journal_chain"])
            await DoAsync($"DELETE FROM {table} WHERE writer = 1");
        await DoAsync("DELETE FROM journal_writer WHERE id = 1");
        Assert.Equal(["missing 1 5 5"], await FoundAsync());
    }

    [Fact]
    public async Task What_was_sent_and_is_not_there_is_missing()
    {
        await WriteAsync(First, 5);
        await DoAsync("INSERT INTO export_cursor (writer, number, updated_at) VALUES (1, 5, 0)");
        await AssertWholeAsync(First, 5);
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number = 5");
        Assert.Equal(["missing 1 5 5"], await FoundAsync());
    }

    [Fact]
    public async Task A_seal_taken_away_does_not_make_a_row_older_than_seals()
    {
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await WriteAsync(First, 3);
        await WriteAsync(second, 3);
        await DoAsync("UPDATE journal SET seal = NULL WHERE writer = 2 AND number = 2");
        Assert.Equal(["unsealed 2 2 2"], await FoundAsync());
        // The whole of it: the writer before it tells that there were seals by then.
        await DoAsync("UPDATE journal SET seal = NULL WHERE writer = 2");
        await DoAsync("DELETE FROM journal_chain WHERE writer = 2");
        Assert.Equal(["unsealed 2 1 3"], await FoundAsync());
    }

    [Fact]
    public async Task Rows_from_before_there_were_seals_are_counted_and_no_fault()
    {
        await DoAsync("INSERT INTO journal_writer (name, started_at) VALUES ('old', 0)");
        for (int number = 1; number <= 3; number++)
            await DoAsync("INSERT INTO journal (writer, number, at, events, bytes, data) VALUES (1, ?, 0, 0, 0, X'')", number);
        await WriteAsync(First, 4);
        (long rows, long unsealed, List<JournalFault> faults) = await VerifyAsync(First);
        Assert.Empty(faults);
        Assert.Equal((4, 3), (rows, unsealed));
        await RetainAsync(long.MaxValue, DateTimeOffset.UnixEpoch.AddDays(1));
        await AssertWholeAsync(First, 4);
    }

    [Fact]
    public async Task What_retention_deletes_is_not_missed()
    {
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await WriteAsync(First, 300);
        await WriteAsync(second, 20);
        Assert.True(await First.Get<JournalHeads>().TellAsync());
        Assert.True(await second.Get<JournalHeads>().TellAsync());
        long bytes = (await First.Get<Database>().QueryAsync("SELECT bytes FROM journal", [], row => (long)row.GetInt32(0))).Sum();
        await RetainAsync(bytes / 2);
        (long rows, _, List<JournalFault> faults) = await VerifyAsync(First);
        Assert.Empty(faults);
        Assert.InRange(rows, 1, 319);
        await WriteAsync(First, 10);
        await AssertWholeAsync(second, rows + 10);
        // All of it, and the writer that is over with it.
        await second.DisposeAsync();
        await RetainAsync(0);
        await AssertWholeAsync(First, 0);
        await DoAsync("UPDATE journal_writer SET started_at = 0 WHERE id = 2");
        await RetainAsync(0, DateTimeOffset.UnixEpoch.AddDays(1));
        await WriteAsync(First, 5);
        Assert.True(await First.Get<JournalHeads>().TellAsync());
        await AssertWholeAsync(First, 5);
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number = 311");
        Assert.Equal(["missing 1 311 311"], await FoundAsync());
    }

    [Fact]
    public async Task Part_by_part_it_finds_the_same()
    {
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await WriteAsync(First, 200);
        await WriteAsync(second, 70);
        await DoAsync("DELETE FROM journal WHERE writer = 1 AND number IN (64, 65, 130)");
        await DoAsync("UPDATE journal SET at = 7 WHERE writer = 2 AND number = 65");
        var check = new JournalCheck(First.Get<Database>(), First.Get<JournalChains>(), TimeProvider.System) { MostRows = 1 };
        var found = new List<string>();
        (long rows, int parts, string? after) = (0, 0, null);
        do
        {
            JournalReport part = await check.RunAsync(after);
            // Missing ones count as left until it has come to them.
            Assert.InRange(part.Remaining, 267 - rows - part.Rows, 270 - rows - part.Rows);
            found.AddRange(part.Faults.Select(fault => $"{fault.Kind} {fault.Writer} {fault.First} {fault.Last}"));
            (rows, parts, after) = (rows + part.Rows, parts + 1, part.Next);
        }
        while (after is not null);
        Assert.Equal(["missing 1 64 65", "missing 1 130 130", "changed 2 65 65"], found);
        Assert.Equal((267, 6), (rows, parts));
    }

    [Fact]
    public async Task Retention_does_not_cover_up_what_was_changed()
    {
        await WriteAsync(First, 10);
        // Made to look old, so that retention takes them away.
        await DoAsync("UPDATE journal SET at = 0 WHERE writer = 1 AND number <= 4");
        await RetainAsync(long.MaxValue, DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Equal(["missing 1 1 4"], await FoundAsync());
    }

    [Fact]
    public async Task A_row_whose_clock_had_stepped_back_waits_for_those_before_it()
    {
        await WriteAsync(First, 5);
        await DoAsync("UPDATE journal SET at = 0 WHERE writer = 1 AND number = 3");
        await RetainAsync(long.MaxValue, DateTimeOffset.UnixEpoch.AddDays(1));
        Assert.Equal(5, (await VerifyAsync(First)).Rows);
    }

    [Fact]
    public async Task Without_the_key_nothing_can_be_said()
    {
        await WriteAsync(First, 3);
        await using StoreProcess second = await _fixture.NewProcessAsync();
        await DoAsync("DELETE FROM data_key");
        Assert.Equal("key", Assert.Single((await VerifyAsync(second)).Faults).Kind);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1-")]
    [InlineData("-1-2")]
    [InlineData("1-2-3")]
    public async Task A_cursor_that_is_none_is_refused(string after) =>
        await Assert.ThrowsAsync<FormatException>(() => First.Get<IArchiveStore>().VerifyJournalAsync(after));
}
