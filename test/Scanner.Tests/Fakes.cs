using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;
using ShitOps.Grains.Storage;

namespace ShitOps.Scanner.Tests;

/// <summary>Stands for sealing, which is another room's: the seal is one byte in front, 1 if it holds.</summary>
internal sealed class PlainOpener : IBodyOpener
{
    public static byte[] Seal(byte[] body) => [1, .. body];

    public ValueTask<byte[]> OpenAsync(ReadOnlyMemory<byte> sealedBody, Guid id, int part = 0, CancellationToken stop = default) =>
        sealedBody.Span[0] == 1 ? new(sealedBody[1..].ToArray()) : throw new CryptographicException("The seal is broken.");
}

/// <summary>Stands for the database's attachments.</summary>
internal sealed class FakeAttachments : IAttachmentStore
{
    private readonly Dictionary<Guid, (AttachmentInfo Info, byte[]?[] Chunks)> _rows = [];

    /// <summary>Chunks read so far.</summary>
    public int Reads { get; private set; }

    public Guid Add(byte[] content, string state = "clean", byte[]? sha256 = null, int? missing = null)
    {
        Guid id = Guid.CreateVersion7();
        byte[]?[] chunks = [.. content.Chunk(Limits.AttachmentChunkBytes).Select(PlainOpener.Seal)];
        if (missing is { } number)
            chunks[number] = null;
        _rows[id] = (new(id, "qa", content.Length, sha256 ?? SHA256.HashData(content), "application/octet-stream", chunks.Length, state, default), chunks);
        return id;
    }

    public Task<AttachmentInfo?> InfoAsync(Guid id, CancellationToken stop = default) =>
        Task.FromResult(_rows.TryGetValue(id, out var row) ? row.Info : null);

    public Task<IReadOnlyList<AttachmentInfo>> InfosAsync(IReadOnlyList<Guid> ids, CancellationToken stop = default) =>
        Task.FromResult<IReadOnlyList<AttachmentInfo>>([.. ids.Where(_rows.ContainsKey).Select(id => _rows[id].Info)]);

    public Task<byte[]?> ChunkAsync(Guid id, int number, CancellationToken stop = default)
    {
        Reads++;
        return Task.FromResult(_rows[id].Chunks[number]);
    }

    public Task<bool> MayReadAsync(Guid id, string team, CancellationToken stop = default) => Task.FromResult(true);
}
