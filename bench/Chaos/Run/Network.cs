using System.Globalization;

namespace ShitOps.Chaos.Run;

/// <summary>
/// Parts silos from each other by packet filter rules. Only within a network namespace that this process has to itself
/// (see <see cref="Isolation"/>), so that no rule outlives it or meets anybody else.
/// </summary>
internal sealed class Network
{
    private readonly string _chain = "inet chaos input";

    private Network()
    {
    }

    public static async Task<Network> CreateAsync()
    {
        var network = new Network();
        await NftAsync("add table inet chaos");
        await NftAsync($"add chain {network._chain} {{ type filter hook input priority 0 ; }}");
        await network.JoinAsync();
        return network;
    }

    /// <summary>What goes to or comes from these ports is dropped without a word. Gateways use others.</summary>
    public async Task PartAsync(IReadOnlyList<int> siloPorts)
    {
        string ports = string.Join(',', siloPorts.Select(p => p.ToString(CultureInfo.InvariantCulture)));
        await NftAsync($"add rule {_chain} tcp dport {{ {ports} }} drop");
        await NftAsync($"add rule {_chain} tcp sport {{ {ports} }} drop");
    }

    public Task JoinAsync() => NftAsync($"flush chain {_chain}");

    private static Task NftAsync(string command) => Command.RunAsync("nft", command);
}
