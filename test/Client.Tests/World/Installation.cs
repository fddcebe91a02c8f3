using ShitOps.TestKit.Cluster;

namespace ShitOps.Client.Tests.World;

/// <summary>A Standalone process that all tests of a class collection share; teams of each test have names of their own.</summary>
public sealed class Installation : IAsyncLifetime
{
    private StandaloneProcess? _process;
    private ShitOpsClient? _operator;

    public StandaloneProcess Process => _process ?? throw new InvalidOperationException("it was not started");
    public Uri Address => Process.Program.Address!;
    public ShitOpsClient Operator => _operator!;
    public ShitOpsClient Security => Operator.As(Process.SecurityKey);

    public async ValueTask InitializeAsync()
    {
        _process = await StandaloneProcess.StartAsync();
        _operator = new(new() { Address = Address, Key = _process.OperatorKey });
    }

    /// <summary>A team of its own, whose name begins so.</summary>
    public async Task<TestTeam> TeamAsync(string name = "team", string? function = null)
    {
        string unique = $"{name}-{Guid.NewGuid().ToString("N")[..8]}";
        PutTeam put = await Operator.PutTeamAsync(unique, function ?? "Test");
        return new(unique, put.Key!, Operator.As(put.Key));
    }

    public async ValueTask DisposeAsync()
    {
        _operator?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
    }
}

public sealed record TestTeam(string Name, string Key, ShitOpsClient Client);

[CollectionDefinition(nameof(Shared))]
public sealed class Shared : ICollectionFixture<Installation>;
