namespace ShitOps.Grains.Nodes;

/// <summary>How much comes to a hub over each of its edges, and how much of it ends there: messages a second.</summary>
internal sealed class HubTraffic(int node, TimeProvider time)
{
    private Rate _delivered, _fromParent, _fromLeft, _fromRight;

    public double Delivered => _delivered.Read(time);
    public double FromParent => _fromParent.Read(time);
    public double FromLeft => _fromLeft.Read(time);
    public double FromRight => _fromRight.Read(time);

    public void AddDelivered(int count) => _delivered.Add(count, time);

    public void AddFrom(int neighbour, int count) => RateFrom(neighbour).Add(count, time);

    private ref Rate RateFrom(int neighbour)
    {
        if (neighbour == (2 * node) + 1)
            return ref _fromLeft;
        if (neighbour == (2 * node) + 2)
            return ref _fromRight;
        return ref _fromParent;
    }
}
