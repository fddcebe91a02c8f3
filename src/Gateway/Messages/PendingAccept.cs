using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Messages;

/// <summary>A message's answer: accepted (or accepted before) under an id, or a problem.</summary>
internal readonly record struct AcceptOutcome(Guid Id, MessageState State, Problem? Problem);

/// <summary>A message on its way to its hub, with the promise of an answer.</summary>
internal sealed class PendingAccept(NewMessage message, long start)
{
    private const int Waiting = 0, Sent = 1, Abandoned = 2;
    private readonly TaskCompletionSource<AcceptOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Waiting;

    public NewMessage Message => message;

    /// <summary>Timestamp at which it was posted: its time is counted from here.</summary>
    public long Start => start;

    /// <summary>A call that carries it is under way.</summary>
    public bool InFlight { get; set; }

    /// <summary>A call that carried it ended without a clear answer.</summary>
    public bool Uncertain { get; set; }

    /// <summary>False: surely not stored.</summary>
    public bool MaybeStored => InFlight || Uncertain;

    public Task<AcceptOutcome> Outcome => _outcome.Task;

    /// <summary>False: its caller has given up before it was sent; leave it.</summary>
    public bool TrySend() => Interlocked.CompareExchange(ref _state, Sent, Waiting) != Abandoned;

    /// <summary>True: it was never sent, and will not be.</summary>
    public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting;

    public void Complete(Guid id, MessageState state) => _outcome.TrySetResult(new(id, state, null));

    public void Fail(Problem problem) => _outcome.TrySetResult(new(message.Id, MessageState.Queued, problem));

    /// <summary>Its time is over.</summary>
    public void GiveUp() => Fail(MaybeStored ? Known.OutcomeUnknown : Known.Unavailable);
}
