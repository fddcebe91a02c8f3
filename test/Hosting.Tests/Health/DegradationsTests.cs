using Microsoft.Extensions.Logging.Abstractions;
using ShitOps.Hosting.Health;

namespace ShitOps.Hosting.Tests.Health;

public sealed class DegradationsTests
{
    [Fact]
    public void A_component_is_degraded_until_it_says_otherwise()
    {
        var degradations = new Degradations(NullLogger<Degradations>.Instance);
        Assert.Empty(degradations.Current);
        degradations.Set("scanner", "no answer");
        degradations.Set("elastic", "401");
        degradations.Set("scanner", "signatures are 3 days old");
        Assert.Equal(["elastic: 401", "scanner: signatures are 3 days old"], degradations.Current);
        degradations.Set("scanner", null);
        degradations.Set("scanner", null);
        Assert.Equal(["elastic: 401"], degradations.Current);
    }
}
