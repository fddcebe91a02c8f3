using System.Text.Json;
using Microsoft.Extensions.Hosting;
using ShitOps.Grains;
using ShitOps.Silo.Tests.Tasks;

namespace ShitOps.Silo.Tests.Setup;

/// <summary>
/// Between the signal to stop and the moment in which a silo's grains leave, other parts of the process stop first. Nobody
/// else does the hubs' work yet: in the campaign, hubs of a silo that stopped in order paused for seconds.
/// </summary>
public sealed class StoppingTests(TaskSiloOnSqlite silo) : IClassFixture<TaskSiloOnSqlite>
{
    [Fact]
    public async Task A_silo_that_was_told_to_stop_carries_messages_and_answers_leases_until_its_grains_leave()
    {
        string creator = await silo.TeamAsync(), assignee = await silo.TeamAsync();
        silo.Get<IHostApplicationLifetime>().StopApplication();
        NewTask task = await silo.TaskAsync(assignee, "a", new { words = 900 });
        await silo.CreateAsync(TaskSilo.Workflow(creator, task));
        (Delivery delivery, JsonElement body) = await silo.ReceiveAsync(assignee);
        Assert.Equal(task.Id, delivery.Reference);
        Assert.Equal(JsonValueKind.Object, body.ValueKind);
    }
}
