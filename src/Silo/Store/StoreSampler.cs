using System.Data.Common;
using System.Globalization;
using ShitOps.Grains.Telemetry;

namespace ShitOps.Silo.Store;

/// <summary>
/// Measures what only the database knows. Each silo measures for itself, so that each can be asked alone; the journal is
/// summed up once here and then by <see cref="Retention"/>, because that reads all of it.
/// </summary>
internal sealed partial class StoreSampler(Database database, SiloMetrics metrics, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<StoreSampler> log)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private bool _summed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not before the schema is there.
        await Started(lifetime, stoppingToken);
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await SampleAsync(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(log, error.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task SampleAsync(CancellationToken stop)
    {
        // By team, because the index begins with it: rows that are settled are not touched.
        metrics.InboxDepth((await database.QueryAsync(
            "SELECT COUNT(*) FROM team t JOIN delivery d ON d.team = t.name WHERE d.state = 0", [],
            row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), stop))[0]);
        if (_summed)
            return;
        await using DbConnection connection = await database.OpenReaderAsync(stop);
        metrics.JournalSize(await JournalSizeAsync(database, connection, stop));
        _summed = true;
    }

    internal static async Task<long> JournalSizeAsync(Database database, DbConnection connection, CancellationToken stop) =>
        // SUM is a decimal on MySQL and null on an empty table.
        (await database.QueryAsync(connection, "SELECT CAST(COALESCE(SUM(bytes), 0) AS DECIMAL(30, 0)) FROM journal", [],
            row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), stop))[0];

    private static async Task Started(IHostApplicationLifetime lifetime, CancellationToken stop)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration told = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stop);
    }

    private static partial class Log
    {
        [LoggerMessage(2012, LogLevel.Debug, "The database could not be measured: {Error}")]
        public static partial void Failed(ILogger log, string error);
    }
}
