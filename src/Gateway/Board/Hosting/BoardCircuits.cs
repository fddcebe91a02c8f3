using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>How many pages of the board this process serves now.</summary>
internal sealed class BoardCircuits(IOptions<GatewayOptions> options)
{
    private int _count;

    public bool Full => Volatile.Read(ref _count) >= options.Value.BoardPages;

    public void Opened() => Interlocked.Increment(ref _count);

    public void Closed() => Interlocked.Decrement(ref _count);
}

/// <summary>Counts the page it belongs to.</summary>
internal sealed class BoardCircuit(BoardCircuits pages) : CircuitHandler
{
    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        pages.Opened();
        return Task.CompletedTask;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        pages.Closed();
        return Task.CompletedTask;
    }
}
