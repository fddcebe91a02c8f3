namespace ShitOps.Grains;

/// <summary>
/// The database behind a grain did not answer. What crosses from a silo to a gateway instead of the driver's own
/// exception, whose type a gateway need not know. The call may be repeated.
/// </summary>
[GenerateSerializer, Alias("sho.StoreUnavailableException")]
public sealed class StoreUnavailableException(string message) : Exception(message);
