using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;
using ShitOps.Hosting.Cluster;
using ShitOps.Hosting.Sealing;
using ShitOps.Silo.Setup;
using ShitOps.Silo.Sqlite;
using ShitOps.TestKit;

namespace ShitOps.Silo.Tests.Asks;

/// <summary>A silo as it runs in Standalone, with teams a to g at the nodes 0 to 3, and a scanner that can be taken away.</summary>
public sealed class AskCluster : IAsyncLifetime
{
    public static readonly string[] Teams = ["a", "b", "c", "d", "e", "f", "g"];

    private readonly TempFolder _folder = new();
    private WebApplication _app = null!;

    public ScannerSwitch Scanner { get; private set; } = null!;

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    public IAskGrain Asks => Grains.GetGrain<IAskGrain>(0);

    private SealedBodies Bodies => _app.Services.GetRequiredService<SealedBodies>();

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Cluster:SiloPort"] = Loopback.FreePort().ToString(CultureInfo.InvariantCulture);
        builder.Configuration["Cluster:GatewayPort"] = Loopback.FreePort().ToString(CultureInfo.InvariantCulture);
        builder.UseKeyFileIn(_folder.Path);
        builder.Services.AddSqliteStore(_folder.Path);
        builder.AddSilo(allowBuiltInScanner: true, silo => silo.UseShitOpsLocalCluster());
        builder.Services.AddSingleton(provider => new ScannerSwitch(provider.GetRequiredService<IScanner>()));
        builder.Services.AddSingleton(provider => new MessageScanner(
            provider.GetRequiredService<ScannerSwitch>(), provider.GetRequiredService<IBodyOpener>(), provider.GetRequiredService<AttachmentScanner>(), new VerdictCache()));
        _app = builder.Build();
        await _app.StartAsync();
        Scanner = _app.Services.GetRequiredService<ScannerSwitch>();
        foreach (string team in Teams)
            await Grains.GetGrain<ITreeGrain>(Limits.DefaultTree).PutTeam(new PutTeam(team, team is "e" or "g" ? "QA" : "Dev", 1, new NewAccessKey(Guid.CreateVersion7(), RandomNumberGenerator.GetBytes(32)), "operator:test"));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    /// <summary>As the gateway does it: the question is a message to the asker's hub.</summary>
    public async Task<(AcceptStatus Status, Guid Ask)> AskAsync(string from, string to, CollateKind kind, string? at = null, int? quorum = null, TimeSpan? within = null)
    {
        TreeSnapshot tree = await Grains.GetGrain<ITreeGrain>(Limits.DefaultTree).Read();
        DateTimeOffset deadline = TimeProvider.System.GetUtcNow() + (within ?? TimeSpan.FromMinutes(10));
        Guid id = Guid.CreateVersion7();
        byte[] body = "{\"ready\":\"?\"}"u8.ToArray();
        AcceptReply reply = await Grains.GetGrain<INodeGrain>(new NodeKey(tree.Tree, tree.Find(from)!.Node).ToString()).Accept(new AcceptBatch(tree.Epoch, [new NewMessage
        {
            Id = id,
            From = from,
            To = to,
            Subject = "ready to ship?",
            ContentType = "application/json",
            SealedBody = await Bodies.SealAsync(body, id, 0),
            Size = body.Length,
            Sha256 = SHA256.HashData(body),
            Kind = MessageKind.Ask,
            Reference = id,
            ExpiresAt = deadline,
            Ask = new AskSpec(deadline, quorum, kind, at),
        }]));
        return (reply.Results[0].Status, id);
    }

    public async Task<ReplyStatus> ReplyAsync(Guid ask, string team, string json, Guid? id = null)
    {
        Guid reply = id ?? Guid.CreateVersion7();
        byte[] body = Encoding.UTF8.GetBytes(json);
        return await Asks.Reply(new NewReply
        {
            Id = reply,
            Ask = ask,
            Team = team,
            BodyKind = BodyKind.Json,
            ContentType = "application/json",
            SealedBody = await Bodies.SealAsync(body, reply, 0),
            Size = body.Length,
            Sha256 = SHA256.HashData(body),
        });
    }

    /// <summary>The delivery of that kind and ask in a team's inbox, acknowledged; others are acknowledged and passed over.</summary>
    public async Task<(Delivery Delivery, JsonElement Body)> NextAsync(string team, MessageKind kind, Guid ask)
    {
        ITeamGrain inbox = Grains.GetGrain<ITeamGrain>(new TeamKey(Limits.DefaultTree, team).ToString());
        while (true)
        {
            Delivery[] leased = (await inbox.Lease(new LeaseRequest(1, TimeSpan.FromSeconds(25), TimeSpan.FromMinutes(1), null, Guid.NewGuid())))!.Value.Value;
            Delivery delivery = Assert.Single(leased);
            await inbox.Ack(new[] { delivery.Id }.AsImmutable());
            if (delivery.Kind == kind && delivery.Reference == ask)
                return (delivery, JsonDocument.Parse(await Bodies.OpenAsync(delivery.SealedBody, delivery.Id, 0)).RootElement);
        }
    }
}

/// <summary>The built-in scanner, as long as it is not taken away.</summary>
public sealed class ScannerSwitch(IScanner scanner) : IScanner
{
    public bool Away { get; set; }

    public string? SignatureVersion => Away ? null : scanner.SignatureVersion;

    public DateTimeOffset? SignatureDate => scanner.SignatureDate;

    public bool IsProduction => false;

    public Task<ScanReport> ScanAsync(IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken stop = default) => Away
        ? Task.FromResult(new ScanReport(null, [.. contents.Select(_ => new Verdict(VerdictKind.Unavailable))]))
        : scanner.ScanAsync(contents, stop);

    public ValueTask<IStreamScan> OpenStreamAsync(CancellationToken stop = default) => scanner.OpenStreamAsync(stop);
}
