using System.Data.Common;
using System.Text.Json;
using MySqlConnector;
using ShitOps.System.Tests.Fixtures;

namespace ShitOps.System.Tests;

/// <summary>The journal's chain on real servers.</summary>
[Collection(BreaksThings.Name)]
public sealed class JournalTests(FragileCluster source, ITestOutputHelper output) : ClusterTest(source, output)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Cluster.MendAsync();
    }

    private async Task<(long Rows, long Unsealed, List<string> Faults)> VerifyAsync()
    {
        (long rows, long unsealed) = (0, 0);
        var faults = new List<string>();
        string? after = null;
        do
        {
            ApiAnswer answer = await Security.GetAsync("/v1/events/verification" + (after is null ? "" : $"?after={after}"));
            Assert.Equal(200, answer.Status);
            rows += answer.Json.GetProperty("rows").GetInt64();
            unsealed += answer.Json.GetProperty("unsealed").GetInt64();
            faults.AddRange(answer.Json.GetProperty("faults").EnumerateArray().Select(fault => fault.GetRawText()));
            after = answer.Json.GetProperty("next").GetString();
        }
        while (after is not null);
        return (rows, unsealed, faults);
    }

    [Fact]
    public async Task A_silo_killed_in_mid_flow_leaves_a_journal_that_is_whole_and_a_changed_byte_in_it_is_found()
    {
        var flow = new Flow([await NewTeamAsync("sender"), await NewTeamAsync("sender")], [await NewTeamAsync("recipient")], batch: 25, lease: 20);
        Output.WriteLine(await flow.RunAsync(400, TimeSpan.FromMinutes(3), async () =>
        {
            await flow.UnderWay;
            await Cluster.Silos[1].StopAsync(Signals.Kill);
            await Cluster.Silos[1].RestartAsync();
        }));
        flow.Check();
        (long rows, long unsealed, List<string> faults) = await VerifyAsync();
        Assert.Empty(faults);
        Assert.True(rows > 20 && unsealed == 0, $"{rows} rows, {unsealed} without a seal");

        await using var connection = new MySqlConnection(Cluster.Database.ConnectionString);
        await connection.OpenAsync();
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT writer, number FROM journal WHERE number = 3 ORDER BY writer LIMIT 1";
        int writer;
        await using (DbDataReader reader = await command.ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
            writer = reader.GetInt32(0);
        }
        async Task FlipAsync()
        {
            command.CommandText = $"UPDATE journal SET at = at ^ 1 WHERE writer = {writer} AND number = 3";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        await FlipAsync();
        JsonElement found = JsonElement.Parse(Assert.Single((await VerifyAsync()).Faults));
        await FlipAsync();
        Assert.Equal(("changed", writer, 3L), (found.Text("kind"), found.GetProperty("writer").GetInt32(), found.GetProperty("first").GetInt64()));
        Assert.Empty((await VerifyAsync()).Faults);
    }
}
