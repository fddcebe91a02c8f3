namespace ShitOps.Grains.Webhooks;

/// <summary>Posts to the outside on behalf of teams. Fulfilled by the silo, which knows where it must not go.</summary>
public interface IWebhookSender
{
    /// <summary>A push that has no answer by then has failed.</summary>
    TimeSpan Timeout { get; }

    /// <summary>How long the next attempt waits after so many have failed.</summary>
    TimeSpan RetryAfter(int failed);

    /// <summary>Why nothing is pushed to that address, in words; null if nothing speaks against it before its name is resolved.</summary>
    string? Refuse(Uri address);

    /// <summary>One attempt. Never throws for what the other side does.</summary>
    /// <exception cref="OperationCanceledException">Told to stop: it may have arrived.</exception>
    Task<PushResult> SendAsync(PushRequest request, CancellationToken stop);
}

/// <param name="Id">The same for each attempt.</param>
/// <param name="Secrets">Each signs.</param>
public sealed record PushRequest(Uri Address, string Id, ReadOnlyMemory<byte> Body, IReadOnlyList<byte[]> Secrets);

/// <summary>What came of one attempt.</summary>
/// <param name="Status">Null: there was no answer.</param>
/// <param name="Reason">A word; null if it was accepted.</param>
/// <param name="RetryAfter">As the other side asks for it.</param>
public sealed record PushResult(int? Status, string? Reason, TimeSpan? RetryAfter = null)
{
    public bool IsAccepted => Reason is null;

    /// <summary>The receiver wants no more, ever.</summary>
    public bool IsGone => Status == 410;
}

/// <summary>For silos that push nothing.</summary>
internal sealed class NoWebhookSender : IWebhookSender
{
    public TimeSpan Timeout => TimeSpan.FromSeconds(1);

    public TimeSpan RetryAfter(int failed) => Limits.MaxLease;

    public string Refuse(Uri address) => "this silo pushes nothing";

    public Task<PushResult> SendAsync(PushRequest request, CancellationToken stop) => Task.FromResult(new PushResult(null, "not_served"));
}
