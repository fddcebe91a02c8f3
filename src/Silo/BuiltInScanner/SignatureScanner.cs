using System.Reflection;
using Microsoft.Extensions.Options;
using ShitOps.Grains.Scanning;
using ShitOps.Silo.ClamAv;

namespace ShitOps.Silo.BuiltInScanner;

/// <summary>
/// The scanner of the embedded default, in the process: signature files in ClamAV's text formats and ZIP archives. It
/// knows no other format and no heuristics, and is no production scanner.
/// </summary>
internal sealed partial class SignatureScanner : IScanner, IScannerHealth, IHostedService
{
    private readonly SignatureMatcher _matcher;
    private readonly int _maxContentBytes;

    public SignatureScanner(IOptions<AntivirusOptions> options, ILogger<SignatureScanner> logger)
    {
        _maxContentBytes = options.Value.MaxContentBytes;
        SignatureSet signatures = Load(options.Value.SignaturesPath);
        foreach ((string file, int line, string reason) in signatures.Unsupported)
            LogUnsupported(logger, file, line, reason);
        _matcher = new(signatures);
        SignatureVersion = signatures.Version;
        LogNotProduction(logger, signatures.Count);
    }

    public string? SignatureVersion { get; }

    public DateTimeOffset? SignatureDate => null;

    public bool IsProduction => false;

    public IReadOnlyList<ScannerEndpointHealth> Endpoints => [new("built-in", SignatureVersion)];

    private static SignatureSet Load(string? folder)
    {
        var signatures = new SignatureSet();
        Assembly assembly = typeof(SignatureScanner).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("signatures/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            signatures.Read(name, reader);
        }
        foreach (string file in folder is null ? [] : Sorted(Directory.GetFiles(folder)))
        {
            if (!SignatureSet.Knows(file))
                continue;
            using var reader = new StreamReader(file);
            signatures.Read(file, reader);
        }
        return signatures;

        static string[] Sorted(string[] files)
        {
            // The version is a digest over the lines in order.
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
    }

    /// <summary>On a pool thread: it computes, and a grain's turn must not.</summary>
    public Task<ScanReport> ScanAsync(IReadOnlyList<ReadOnlyMemory<byte>> contents, CancellationToken stop = default) => Task.Run(
        () =>
        {
            var verdicts = new Verdict[contents.Count];
            for (int i = 0; i < verdicts.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                verdicts[i] = Scan(contents[i]);
            }
            return new ScanReport(SignatureVersion, verdicts);
        },
        stop);

    private Verdict Scan(ReadOnlyMemory<byte> content) => content.Length > _maxContentBytes
        ? new(VerdictKind.Unscannable, $"larger than {_maxContentBytes} bytes")
        : new ZipContents(part => _matcher.Find(part.Span)).Scan(content);

    public ValueTask<IStreamScan> OpenStreamAsync(CancellationToken stop = default) => new(new Gathered(this));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(3101, LogLevel.Warning, "No clamd is configured (Antivirus:Endpoints): the built-in scanner with {Signatures} signatures is no production scanner")]
    private static partial void LogNotProduction(ILogger logger, int signatures);

    [LoggerMessage(3102, LogLevel.Warning, "Signature not used: {File} line {Line}: {Reason}")]
    private static partial void LogUnsupported(ILogger logger, string file, int line, string reason);

    /// <summary>Keeps the pieces until the content is whole; one byte beyond the bound is kept to tell that there was more.</summary>
    private sealed class Gathered(SignatureScanner scanner) : IStreamScan
    {
        private readonly MemoryStream _content = new();

        public ValueTask AppendAsync(ReadOnlyMemory<byte> piece, CancellationToken stop = default)
        {
            int room = (int)Math.Min(piece.Length, scanner._maxContentBytes + 1L - _content.Length);
            _content.Write(piece.Span[..room]);
            return ValueTask.CompletedTask;
        }

        public Task<ScanReport> CompleteAsync(CancellationToken stop = default) =>
            scanner.ScanAsync([_content.GetBuffer().AsMemory(0, (int)_content.Length)], stop);

        public ValueTask DisposeAsync() => _content.DisposeAsync();
    }
}
