using System.Data.Common;
using ShitOps.Grains;
using ShitOps.Grains.Storage;
using ShitOps.Hosting.Sealing;

namespace ShitOps.Silo.Setup;

/// <summary>Nothing of the database driver leaves a grain: its faults, and those of the keys that are kept there, become <see cref="StoreUnavailableException"/>.</summary>
internal sealed class StoreFaultFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception error) when (error is DbException or NotCommittedException or CommitUnknownException or KeyRingAwayException)
        {
            throw new StoreUnavailableException($"{context.InterfaceName}.{context.MethodName}: {error.Message}");
        }
    }
}
