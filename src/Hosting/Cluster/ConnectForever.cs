using Microsoft.Extensions.Logging;

namespace ShitOps.Hosting.Cluster;

/// <summary>A client may start before any silo, or before the database: it tries until it is told to stop.</summary>
internal sealed partial class ConnectForever(TimeProvider time, ILogger<ConnectForever> logger) : IClientConnectionRetryFilter
{
    /// <summary>One line in ten seconds, not in every half.</summary>
    private const int TellEvery = 20;

    private int _attempts;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_attempts++ % TellEvery == 0)
            Log.NoSiloYet(logger, _attempts, exception.Message);
        await Task.Delay(Timing.ConnectRetry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Information, "No silo can be reached yet, attempt {Attempt}: {Reason}")]
        public static partial void NoSiloYet(ILogger logger, int attempt, string reason);
    }
}
