namespace ShitOps.TestKit.Cluster;

/// <summary>Starts the servers that stand below and beside a cluster.</summary>
public static class RealServers
{
    public static Task<IDatabaseUnderTest> StartDatabaseAsync() => throw new NotSupportedException();

    public static Task<IClamdUnderTest> StartClamdAsync() => throw new NotSupportedException();
}
