namespace ShitOps.Grains.Access;

/// <summary>Where a silo has its wrapped data keys from.</summary>
public interface IDataKeys
{
    ValueTask<WrappedDataKeyDto> CurrentAsync();

    ValueTask<WrappedDataKeyDto?> FindAsync(int id);
}

/// <summary>Hands wrapped data keys to gateways.</summary>
[StatelessWorker, Reentrant]
public sealed class DataKeyGrain(IDataKeys keys) : Grain, IDataKeyGrain
{
    public Task<WrappedDataKeyDto> Current() => keys.CurrentAsync().AsTask();

    public Task<WrappedDataKeyDto?> Get(int id) => keys.FindAsync(id).AsTask();
}
