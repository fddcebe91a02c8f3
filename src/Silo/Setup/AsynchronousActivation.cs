using Orleans.Concurrency;
using Orleans.Metadata;

namespace ShitOps.Silo.Setup;

/// <summary>
/// No activation of this silo is ready before its starter has left. Orleans 10.4.2 starts an activation's message loop
/// while it holds the activation's lock; a grain that is ready at once, as all are on a database that answers without
/// waiting, then serves its first call under that lock. Two such grains whose first calls call each other wait for each
/// other's lock for ever, and whoever calls them waits behind.
/// </summary>
internal sealed class AsynchronousActivation : IConfigureGrainContextProvider, IConfigureGrainContext
{
    /// <summary>What <see cref="StatelessWorkerAttribute"/> writes into a grain's properties; the type it names is not public.</summary>
    private const string StatelessWorker = "StatelessWorkerPlacement";

    /// <summary>All but stateless workers: they have no life cycle to take part in, and are called through a queue, not under their lock.</summary>
    public bool TryGetConfigurator(GrainType grainType, GrainProperties properties, out IConfigureGrainContext configurator)
    {
        configurator = this;
        return properties.Properties.GetValueOrDefault(WellKnownGrainTypeProperties.PlacementStrategy) != StatelessWorker;
    }

    public void Configure(IGrainContext context) =>
        context.ObservableLifecycle.Subscribe(nameof(AsynchronousActivation), GrainLifecycleStage.First, static async _ => await Task.Yield());
}
