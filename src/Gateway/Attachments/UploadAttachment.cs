using System.Buffers;
using System.Security.Cryptography;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Attachments;

/// <summary>
/// <c>PUT /v1/attachments</c>: the body goes through in chunks, each sealed for its place and handed on before the next
/// is read, so that a slow scanner slows the sender and memory stays at one chunk.
/// </summary>
internal sealed class UploadAttachment(IGrainFactory grains, ClusterCalls calls, IBodyVault vault, TimeProvider time)
{
    private static readonly Problem TooLarge = Known.TooLarge(Limits.AttachmentBytes);

    public async Task<IResult> HandleAsync(HttpContext http)
    {
        if (http.Request.ContentLength > Limits.AttachmentBytes)
            return TooLarge;
        string contentType = http.Request.ContentType ?? "application/octet-stream";
        if (contentType.Length > Limits.ContentTypeLength || !MessageFields.IsMediaType(contentType))
            return Known.BadMediaType;
        Guid id = Guid.CreateVersion7(time.GetUtcNow());
        IAttachmentGrain attachment = grains.Attachment(id);
        string team = http.CallerTeam();
        bool stored = false;
        byte[] chunk = ArrayPool<byte>.Shared.Rent(Limits.AttachmentChunkBytes);
        try
        {
            (long size, byte[] sha256) = await AppendAsync(http, attachment, id, team, chunk.AsMemory(0, Limits.AttachmentChunkBytes));
            if (size == 0)
                return AcceptProblems.Of(new Fault("", "empty", "An attachment has at least one byte."));
            Check(await calls.RetryAsync(
                () => attachment.Complete(team, size, new(sha256), contentType), calls.Budget + TimeSpan.FromSeconds(60), http.RequestAborted));
            stored = true;
            http.Response.Headers.Location = $"/v1/attachments/{id}";
            return Results.Json(new AttachmentResource(id, size, Convert.ToHexStringLower(sha256)), GatewayJson.Default.AttachmentResource, statusCode: 201);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
            if (!stored)
                await AbortAsync(attachment);
        }
    }

    private async Task<(long, byte[])> AppendAsync(HttpContext http, IAttachmentGrain attachment, Guid id, string team, Memory<byte> chunk)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        CancellationToken stop = http.RequestAborted;
        long size = 0;
        for (int number = 0; ; number++)
        {
            int read = await http.Request.Body.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, stop);
            if (read == 0)
                return (size, hash.GetHashAndReset());
            size += read;
            if (size > Limits.AttachmentBytes)
                throw new ProblemException(TooLarge);
            hash.AppendData(chunk.Span[..read]);
            byte[] sealedChunk = await vault.SealAsync(chunk[..read], id, number, stop);
            int part = number;
            Check(await calls.RetryAsync(() => attachment.Append(team, part, new(sealedChunk)), stop));
        }
    }

    private static void Check(UploadReply reply)
    {
        switch (reply.Status)
        {
            case UploadStatus.Stored:
                return;
            case UploadStatus.Infected:
                throw new ProblemException(new Problem(422, "infected", $"The scanner found {reply.Signature}; it is in quarantine."));
            case UploadStatus.Unscannable:
                throw new ProblemException(new Problem(422, "unscannable", $"The scanner cannot look into it: {reply.Signature}; it is in quarantine."));
            case UploadStatus.ScannerUnavailable:
                throw new ProblemException(Known.ScannerAway);
            default:
                // Out of order: the silo that had the beginning is gone. The upload must begin anew.
                throw new ProblemException(Known.Unavailable);
        }
    }

    private static async Task AbortAsync(IAttachmentGrain attachment)
    {
        try
        {
            await attachment.Abort();
        }
        catch (Exception error) when (Transience.IsTransient(error))
        {
            // Chunks without a record are swept.
        }
    }
}
