using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>Silos join and leave while teams write to each other, and start after all of them died.</summary>
[Collection(BreaksThings.Name)]
public sealed class SilosTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180), Soon = TimeSpan.FromSeconds(30);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    [Fact]
    public async Task A_silo_that_joins_has_its_share_of_the_hubs_within_thirty_seconds_and_no_post_is_refused()
    {
        (Heartbeats beats, int hubs) = await BeatAsync(24);
        string? newest = null;
        double share = 0;
        Output.WriteLine(await beats.RunAsync(async () =>
        {
            await Cluster.Silos[1].StopAsync(Signals.Terminate);
            string?[] alone = await Eventually.UntilAsync(SilosAsync, all => all.Distinct().Count() == 1 && all[0] is not null, Limit, "all hubs are on the silo that stayed");
            await Cluster.Silos[1].RestartAsync();
            long ready = Stopwatch.GetTimestamp();
            string?[] both = await Eventually.UntilAsync(
                SilosAsync, all => all.Count(silo => silo != alone[0]) >= (all.Length / 2) - 1 - (all.Length / 10), Limit, "the new silo has its share");
            share = Stopwatch.GetElapsedTime(ready).TotalSeconds;
            newest = both.First(silo => silo != alone[0]);
        }, Limit));
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{share:0.0} s from ready until {newest} had its share of {hubs} hubs"));
        beats.Check();
        Assert.Empty(beats.Refused);
        Assert.InRange(share, 0, Soon.TotalSeconds);
    }

    [Fact]
    public async Task Silos_restarted_one_after_the_other_under_load_lose_nothing_and_every_post_is_answered()
    {
        (Heartbeats beats, _) = await BeatAsync(8);
        Output.WriteLine(await beats.RunAsync(async () =>
        {
            foreach (ProgramUnderTest silo in Cluster.Silos)
            {
                await silo.StopAsync(Signals.Terminate);
                Assert.Equal(0, silo.ExitCode);
                await silo.RestartAsync();
            }
        }, Limit));
        beats.Check();
        Assert.Empty(beats.Refused);
    }

    [Fact]
    public async Task After_all_silos_died_they_are_ready_within_thirty_seconds_whatever_the_dead_left_behind()
    {
        // Several lives, each without a goodbye, so that there are rows of the dead.
        TimeSpan longest = default;
        for (int life = 0; life < 3; life++)
        {
            await Task.WhenAll(Cluster.Silos.Select(s => s.StopAsync(Signals.Kill)));
            long start = Stopwatch.GetTimestamp();
            await ShitOpsCluster.StartProgramsAsync(Cluster.Silos);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            longest = took > longest ? took : longest;
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s from start to ready"));
        }
        Assert.InRange(longest, TimeSpan.Zero, Soon);
        (ApiClient sender, ApiClient recipient) = await NewPairAsync();
        await sender.SendAsync(NewMessage.Text(recipient.Name, "after all"));
        Assert.Single(await recipient.ReceiveAsync(1));
    }

    private async Task<(Heartbeats Beats, int Hubs)> BeatAsync(int teams)
    {
        ApiClient[] all = new ApiClient[teams];
        for (int i = 0; i < teams; i++)
            all[i] = await NewTeamAsync(i % 2 == 0 ? "sender" : "recipient");
        return (new([.. all.Where((_, i) => i % 4 == 0)], [.. all.Where((_, i) => i % 4 == 1)], TimeSpan.FromMilliseconds(30)), (await SilosAsync()).Length);
    }

    private async Task<string?[]> SilosAsync()
    {
        JsonElement[] nodes = await Operator.NodesAsync();
        return [.. nodes.Select(n => n.Text("silo"))];
    }
}
