using Polly;
using Polly.Retry;

namespace ShitOps.Client.Http;

/// <summary>
/// When a call is tried again, and after how long: exponentially with jitter, or as Retry-After says plus a little, so
/// that many who were told the same do not come back together.
/// </summary>
internal static class Retrying
{
    public static ResiliencePipeline Build(ShitOpsClientOptions options)
    {
        if (options.Retries == 0)
            return ResiliencePipeline.Empty;
        return new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.FirstDelay,
                MaxDelay = options.MaxDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } error && IsTransient(error) && !(Asked(error) > options.MaxDelay)),
                DelayGenerator = args => ValueTask.FromResult(Asked(args.Outcome.Exception) is { } wait
                    ? wait + (options.FirstDelay * Random.Shared.NextDouble())
                    : (TimeSpan?)null),
            })
            .Build();
    }

    /// <summary>True for what may pass by itself: an answer that says so, no answer in time, a connection that broke or was not made.</summary>
    public static bool IsTransient(Exception error) => error switch
    {
        ShitOpsException refused => refused.IsTransient,
        LinesRefusedException => true,
        // A certificate that is not trusted will not be so in a second.
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => false,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>True if the API may have done what was asked although its answer says otherwise, or never came.</summary>
    public static bool LeavesDoubt(Exception error) => error switch
    {
        ShitOpsException { Status: 429 } => false,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => false,
        _ => IsTransient(error),
    };

    private static TimeSpan? Asked(Exception? error) => error switch
    {
        ShitOpsException refused => refused.RetryAfter,
        LinesRefusedException lines => lines.RetryAfter,
        _ => null,
    };
}

/// <summary>Some lines of a bulk are worth another try. Never leaves the client.</summary>
internal sealed class LinesRefusedException(TimeSpan? retryAfter) : Exception("Lines of a bulk were refused for now")
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
