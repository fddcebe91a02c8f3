using System.Security.Cryptography;
using Orleans.Concurrency;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Attachments;

/// <summary><c>GET /v1/attachments/{id}</c>: streams the bytes chunk by chunk, each opened in memory.</summary>
internal sealed class ReadAttachment(IGrainFactory grains, ClusterCalls calls, IBodyVault vault)
{
    public async Task<IResult> HandleAsync(Guid id, HttpContext http)
    {
        if (http.Caller().Team is not { } team)
            return Known.NoBodies;
        CancellationToken stop = http.RequestAborted;
        IAttachmentGrain attachment = grains.Attachment(id);
        if (await calls.RetryAsync(attachment.Info, stop) is not { State: "clean" or "released" } info)
            return Known.NotFound;
        if (info.Team != team && !await calls.RetryAsync(() => grains.Archive().MayRead(id, team), stop))
            return Known.NotFound;
        // The first chunk before the headers: what cannot be read is then a clean 503, not a broken 200.
        return new StreamResult(info, await OpenAsync(attachment, info, 0, stop), number => OpenAsync(attachment, info, number, stop));
    }

    private async Task<byte[]> OpenAsync(IAttachmentGrain attachment, AttachmentInfo info, int number, CancellationToken stop)
    {
        Immutable<byte[]>? chunk = await calls.RetryAsync(() => attachment.Chunk(number), stop);
        return chunk is { } sealedChunk
            ? await vault.OpenAsync(sealedChunk.Value, info.Id, number, stop)
            : throw new CryptographicException($"Attachment {info.Id} has no chunk {number} of {info.Chunks}.");
    }

    private sealed class StreamResult(AttachmentInfo info, byte[] first, Func<int, Task<byte[]>> open) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.ContentType = info.ContentType;
            response.ContentLength = info.Size;
            response.Headers.ETag = $"\"{Convert.ToHexStringLower(info.Sha256)}\"";
            // Never rendered by a browser under this origin.
            response.Headers.ContentDisposition = $"attachment; filename=\"{info.Id}\"";
            for (int number = 0; number < info.Chunks; number++)
                await response.BodyWriter.WriteAsync(number == 0 ? first : await open(number), httpContext.RequestAborted);
        }
    }
}
