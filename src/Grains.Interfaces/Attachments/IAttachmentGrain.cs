namespace ShitOps.Grains;

public enum UploadStatus : byte { Stored = 0, Infected = 1, Unscannable = 2, ScannerUnavailable = 3, NotStored = 4, OutOfOrder = 5 }

[GenerateSerializer, Immutable, Alias("sho.UploadReply")]
public sealed record UploadReply([property: Id(0)] UploadStatus Status, [property: Id(1)] string? Signature);

/// <param name="State">clean, quarantined, released or purged.</param>
[GenerateSerializer, Immutable, Alias("sho.AttachmentInfo")]
public sealed record AttachmentInfo(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Team,
    [property: Id(2)] long Size,
    [property: Id(3)] byte[] Sha256,
    [property: Id(4)] string ContentType,
    [property: Id(5)] int Chunks,
    [property: Id(6)] string State,
    [property: Id(7)] DateTimeOffset CreatedAt);

/// <summary>
/// One attachment. Key: its id. The gateway sends sealed chunks in order (each sealed for the attachment's id with the
/// chunk's number bound in); each is opened in memory, streamed to the scanner and stored sealed.
/// </summary>
[Alias("sho.IAttachmentGrain")]
public interface IAttachmentGrain : IGrainWithGuidKey
{
    [ResponseTimeout("00:00:15"), Alias("Append")]
    Task<UploadReply> Append(string team, int number, Immutable<byte[]> sealedChunk);

    /// <summary>The last chunk is in: verdict and record.</summary>
    [ResponseTimeout("00:01:00"), Alias("Complete")]
    Task<UploadReply> Complete(string team, long size, Immutable<byte[]> sha256, string contentType);

    /// <summary>The upload broke off: forget its chunks.</summary>
    [Alias("Abort")]
    Task Abort();

    [Alias("Info")]
    Task<AttachmentInfo?> Info();

    [ResponseTimeout("00:00:15"), Alias("Chunk")]
    Task<Immutable<byte[]>?> Chunk(int number);
}
