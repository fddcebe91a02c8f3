using ShitOps.Gateway.OpenApi;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Attachments;

/// <param name="Sha256">Of the plain bytes, in hexadecimal.</param>
public sealed record AttachmentResource(Guid Id, long Size, string Sha256);

internal static class AttachmentsApi
{
    public static IEndpointRouteBuilder MapAttachments(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/attachments").WithTags("Messages");
        group.MapPut("", (HttpContext http, UploadAttachment upload) => upload.HandleAsync(http))
            .RequireAuthorization(Policies.Team).WithBodyLimit(Limits.AttachmentBytes)
            .Produces<AttachmentResource>(201).Problems(400, 413, 415, 422, 503).WithSummary("Store bytes, 25 MiB at most, scanned while they come in");
        group.MapGet("/{id:guid}", (Guid id, HttpContext http, ReadAttachment read) => read.HandleAsync(id, http))
            .RequireAuthorization(Policies.Anyone).Produces(200, contentType: "application/octet-stream").Problems(403, 404, 503)
            .WithSummary("The bytes, for the uploader and for sender and recipients of a message that names it");
        return routes;
    }
}
