using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;

namespace ShitOps.Silo.Setup;

/// <summary>Nothing of the database driver leaves a grain: its faults become <see cref="StoreUnavailableException"/>.</summary>
internal sealed class StoreFaultFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception error) when (error is DbException or NotCommittedException or CommitUnknownException)
        {
            throw new StoreUnavailableException($"{context.InterfaceName}.{context.MethodName}: {error.Message}");
        }
    }
}
