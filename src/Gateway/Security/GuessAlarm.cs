using ShitOps.Gateway.Cluster;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>Is told, once for each source and hour, that somebody guesses keys.</summary>
internal interface IGuessAlarm
{
    /// <param name="network">Where from; null: from many places.</param>
    /// <param name="wrongKeys">More than so many different ones came within a minute.</param>
    void Guessing(string? network, int wrongKeys);
}

/// <summary>Writes it into the journal, by a silo, beside the answer to who guesses. In doubt it is written twice.</summary>
internal sealed partial class GuessAlarm(IGrainFactory grains, ClusterCalls calls, ILogger<GuessAlarm> log) : IGuessAlarm
{
    public void Guessing(string? network, int wrongKeys) => _ = TellAsync(network, wrongKeys);

    private async Task TellAsync(string? network, int wrongKeys)
    {
        try
        {
            await calls.RetryAsync(() => grains.GetGrain<IAccessGrain>(0).TellGuessing(network, wrongKeys));
        }
        catch (Exception error)
        {
            LogUntold(network, error);
        }
    }

    [LoggerMessage(5005, LogLevel.Warning, "The journal could not be told that keys are guessed from {Network}")]
    private partial void LogUntold(string? network, Exception error);
}
