namespace ShitOps.Silo.ClamAv;

/// <param name="SignatureVersion">Null while this scanner is not used.</param>
public sealed record ScannerEndpointHealth(string Address, string? SignatureVersion);

/// <summary>Each scanner behind the port, for health and the board.</summary>
public interface IScannerHealth
{
    IReadOnlyList<ScannerEndpointHealth> Endpoints { get; }
}
