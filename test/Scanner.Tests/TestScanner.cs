using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;
using ShitOps.Silo;

namespace ShitOps.Scanner.Tests;

/// <summary>The scanner as a silo has it: through AddScanner, its hosted service started.</summary>
internal sealed class TestScanner : IAsyncDisposable
{
    private readonly IHost _host;

    private TestScanner(IHost host) => _host = host;

    public IScanner Scanner => _host.Services.GetRequiredService<IScanner>();

    public MessageScanner Messages => _host.Services.GetRequiredService<MessageScanner>();

    public VerdictCache Cache => _host.Services.GetRequiredService<VerdictCache>();

    public FakeAttachments Attachments => (FakeAttachments)_host.Services.GetRequiredService<IAttachmentStore>();

    public static Task<TestScanner> StartAsync(params string[] endpoints) => StartAsync([], endpoints);

    public static async Task<TestScanner> StartAsync(Dictionary<string, string?> settings, params string[] endpoints)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(endpoints.Select((endpoint, i) => KeyValuePair.Create($"Antivirus:Endpoints:{i}", (string?)endpoint)));
        builder.Services.AddLogging(logging => logging.AddConsole());
        builder.Services.AddSingleton<IBodyOpener, PlainOpener>();
        builder.Services.AddSingleton<IAttachmentStore, FakeAttachments>();
        builder.Services.AddScanner(builder.Configuration, allowBuiltIn: true);
        IHost host = builder.Build();
        await host.StartAsync();
        return new(host);
    }

    /// <summary>Scans contents and answers their verdicts.</summary>
    public async Task<Verdict[]> ScanAsync(params byte[][] contents) =>
        (await Scanner.ScanAsync([.. contents.Select(content => (ReadOnlyMemory<byte>)content)])).Verdicts;

    public async Task<Verdict> StreamAsync(byte[] content, int pieces)
    {
        await using IStreamScan scan = await Scanner.OpenStreamAsync();
        foreach (byte[] piece in content.Chunk(Math.Max(1, content.Length / pieces)))
            await scan.AppendAsync(piece);
        return (await scan.CompleteAsync()).Verdicts[0];
    }

    /// <summary>Waits until the scanner's version is as wished: the event that matters to its users.</summary>
    public async Task UntilAsync(Func<string?, bool> version)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!version(Scanner.SignatureVersion))
            await pulse.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
