using ShitOps.TestKit.Clamd;

[assembly: AssemblyFixture(typeof(ShitOps.Scanner.Tests.ClamdFixture))]

namespace ShitOps.Scanner.Tests;

/// <summary>One clamd for all tests that leave it as it is.</summary>
public sealed class ClamdFixture : IAsyncLifetime
{
    public ClamdServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ClamdServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
