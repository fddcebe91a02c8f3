using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;
using ShitOps.Hosting.Sealing;
using ShitOps.Silo.MySql;
using ShitOps.Silo.Setup;
using ShitOps.Silo.Sqlite;
using ShitOps.Silo.Tests.Store;
using ShitOps.TestKit;

namespace ShitOps.Silo.Tests.Tasks;

public sealed class TaskSiloOnSqlite : TaskSilo
{
    protected override Task AddStoreAsync(IServiceCollection services, string folder)
    {
        services.AddSqliteStore(folder);
        return Task.CompletedTask;
    }
}

public sealed class TaskSiloOnMariaDb : TaskSilo
{
    protected override async Task AddStoreAsync(IServiceCollection services, string folder) => services.AddMySqlStore((await Servers.MariaDb.Value).NewDatabase());
}

/// <summary>A whole silo with the built-in scanner, and a clock that can be put forward.</summary>
public abstract class TaskSilo : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private WebApplication _app = null!;
    private int _teams;

    public Clock Time { get; } = new();

    public IGrainFactory Grains => Get<IGrainFactory>();

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    protected abstract Task AddStoreAsync(IServiceCollection services, string folder);

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.UseKeyFileIn(_folder.Path);
        await AddStoreAsync(builder.Services, _folder.Path);
        int siloPort = Loopback.FreePort(), gatewayPort = Loopback.FreePort();
        builder.AddSilo(allowBuiltInScanner: true, silo => silo.UseLocalhostClustering(siloPort, gatewayPort));
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A team that no other test uses.</summary>
    public async Task<string> TeamAsync()
    {
        string name = $"team-{Interlocked.Increment(ref _teams)}";
        await Grains.GetGrain<ITreeGrain>(Limits.DefaultTree).PutTeam(
            new PutTeam(name, "QA", 1, new NewAccessKey(Guid.CreateVersion7(), SHA256.HashData(Encoding.UTF8.GetBytes(name))), "operator:test"));
        return name;
    }

    public async Task<NewTask> TaskAsync(string assignee, string key, object? body = null, params NewTask[] dependsOn)
    {
        Guid id = Guid.CreateVersion7();
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(body);
        return new NewTask
        {
            Id = id,
            Key = key,
            Title = "Title of " + key,
            Assignee = assignee,
            SealedBody = body is null ? null : await Get<IBodySealer>().SealAsync(plain, id),
            Size = body is null ? 0 : plain.Length,
            Sha256 = body is null ? null : SHA256.HashData(plain),
            DependsOn = [.. dependsOn.Select(t => new TaskDependency(t.Id, OnDependencyFailure.Fail))],
        };
    }

    public static NewWorkflow Workflow(string creator, params NewTask[] tasks) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = "release",
        Creator = creator,
        Tasks = tasks,
        RequestDigest = RandomNumberGenerator.GetBytes(32),
    };

    public Task<CreateWorkflowReply> CreateAsync(NewWorkflow workflow) => Grains.GetGrain<IWorkflowGrain>(workflow.Id).Create(workflow);

    public async Task<TaskActReply> ActAsync(NewWorkflow workflow, NewTask task, TaskAction action, string? caller, object? result = null, string? assignee = null, string? reason = null)
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(result);
        return await Grains.GetGrain<IWorkflowGrain>(workflow.Id).Act(new TaskCommand(
            task.Id, action, caller, caller is null ? "operator:test" : "team:" + caller,
            result is null ? null : await Get<IBodySealer>().SealAsync(plain, task.Id, part: 1), result is null ? 0 : plain.Length,
            result is null ? null : SHA256.HashData(plain), assignee, reason));
    }

    /// <summary>The states of a workflow's tasks as they are stored, in order.</summary>
    public async Task<TaskState[]> StatesAsync(NewWorkflow workflow) =>
        [.. (await Grains.GetGrain<ITaskGrain>(0).Workflow(workflow.Id))!.Tasks.Select(t => t.State)];

    public async Task<string[]> EventsAsync(NewTask task) =>
        [.. (await Grains.GetGrain<ITaskGrain>(0).Trace(task.Id)).Value.Select(e => e.Type).Where(t => t.StartsWith("task.", StringComparison.Ordinal))];

    /// <summary>The next message in a team's inbox, acknowledged, with its body.</summary>
    public async Task<(Delivery Delivery, JsonElement Body)> ReceiveAsync(string team)
    {
        ITeamGrain inbox = Grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, team).ToString());
        Delivery[] leased = (await inbox.Lease(new LeaseRequest(1, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60), null, Guid.NewGuid())))!.Value.Value;
        Delivery delivery = Assert.Single(leased);
        await inbox.Ack(new Immutable<Guid[]>([delivery.Id]));
        return (delivery, JsonDocument.Parse(await Get<IBodyOpener>().OpenAsync(delivery.SealedBody, delivery.Id)).RootElement);
    }

    /// <summary>The next notice about that task in a team's inbox; what else waits is acknowledged.</summary>
    public async Task<JsonElement> NoticeAsync(string team, NewTask task)
    {
        while (true)
        {
            (Delivery delivery, JsonElement body) = await ReceiveAsync(team);
            if (delivery.Kind == MessageKind.Notice && delivery.Reference == task.Id)
                return body;
        }
    }

    public async Task<EventView[]> RefusalsAsync(string team)
    {
        var found = new List<EventView>();
        string? after = null;
        do
        {
            Page<EventView> page = await Grains.GetGrain<IArchiveGrain>(0).Events(new EventQuery("task.refused", team, after, 100));
            found.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return [.. found];
    }

    public async Task<int> WaitingAsync(string team) =>
        (await Grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, team).ToString()).Status()).Waiting;

    /// <summary>The system's time, put forward.</summary>
    public sealed class Clock : TimeProvider
    {
        private long _ahead, _wrong;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead) + Interlocked.Read(ref _wrong));

        public override long GetTimestamp() => System.GetTimestamp() + (long)(TimeSpan.FromTicks(Interlocked.Read(ref _ahead)).TotalSeconds * TimestampFrequency);

        /// <summary>So much time has gone by.</summary>
        public void PutForward(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

        /// <summary>The clock is wrong by so much, and no time has gone by; zero: right again.</summary>
        public void SetWrong(TimeSpan by) => Interlocked.Exchange(ref _wrong, by.Ticks);
    }
}
