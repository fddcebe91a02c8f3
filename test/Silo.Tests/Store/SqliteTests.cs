using Microsoft.Data.Sqlite;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Silo.Store;
using ShitOps.TestKit;

namespace ShitOps.Silo.Tests.Store;

public sealed class SqliteTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Three_migrators_at_once_make_one_schema_and_a_restart_finds_what_was_stored()
    {
        string folder = _folder.File("new");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await using StoreProcess process = StoreProcess.OnSqlite(folder);
            await process.Get<ISchema>().MigrateAsync();
        })));
        NewMessage m = Make.Message("a");
        await using (StoreProcess first = StoreProcess.OnSqlite(folder))
            Assert.All(await first.AppliedAsync(Make.Insert(m)), Assert.True);
        await using StoreProcess second = StoreProcess.OnSqlite(folder);
        await second.Get<ISchema>().MigrateAsync();
        Assert.Equal(("a", MessageState.Queued), await second.Get<IOutboxStore>().FindAsync(m.Id));
        Assert.Single(await second.Get<IArchiveStore>().TraceAsync(m.Id));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
