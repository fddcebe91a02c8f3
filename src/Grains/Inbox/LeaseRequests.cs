namespace ShitOps.Grains.Inbox;

/// <summary>
/// Which requests for leases are over. A request is asked again under its name when an answer was lost or late, so that
/// several calls of it may wait here at once; what one of them leased when another had been answered nobody would get, and
/// later deliveries would go before it.
/// </summary>
internal sealed class LeaseRequests
{
    private const int Remembered = 1_000;

    private readonly Dictionary<Guid, Task<Delivery[]>> _underWay = [];
    private readonly HashSet<Guid> _over = [];
    private readonly Queue<Guid> _inOrder = new();

    /// <summary>It has leased all that it will lease.</summary>
    public bool IsOver(LeaseRequest request) => !request.Standing && _over.Contains(request.Request);

    public void End(Guid request)
    {
        if (_over.Add(request))
            _inOrder.Enqueue(request);
        while (_inOrder.Count > Remembered)
            _over.Remove(_inOrder.Dequeue());
    }

    /// <summary>Calls of one request that come while another of them leases have its answer.</summary>
    public Task<Delivery[]> ShareAsync(LeaseRequest request, Func<Task<Delivery[]>> lease)
    {
        if (_underWay.TryGetValue(request.Request, out Task<Delivery[]>? shared))
            return shared;
        Task<Delivery[]> task = LeaseAsync(request, lease);
        if (!task.IsCompleted)
            _underWay[request.Request] = task;
        return task;
    }

    private async Task<Delivery[]> LeaseAsync(LeaseRequest request, Func<Task<Delivery[]>> lease)
    {
        try
        {
            Delivery[] leased = await lease();
            if (leased.Length > 0 && !request.Standing)
                End(request.Request);
            return leased;
        }
        finally
        {
            _underWay.Remove(request.Request);
        }
    }
}
