using System.Data.Common;
using ShitOps.Silo.Store;

namespace ShitOps.Silo.Sqlite;

internal sealed class SqliteSchema(SqliteDatabase database, TimeProvider time, ILogger<SqliteSchema> log) : ISchema
{
    public async Task MigrateAsync(CancellationToken stop = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.File)!);
        await using FileStream guard = await LockAsync(database.File + ".lock", stop);
        await using DbConnection connection = await database.OpenWriterAsync(stop);
        await Task.Run(() => Migrations.Apply(connection, "Sqlite.Migrations", log), stop);
    }

    // The operating system lets go of the file however the process ends.
    private async Task<FileStream> LockAsync(string file, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!stop.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
            }
        }
    }
}
