using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;

namespace ShitOps.Scanner.Tests;

internal static class TestMessages
{
    public static MessageContent Json(byte[] body, string? subject = null, params Guid[] attachments) => Make(BodyKind.Json, body, subject, attachments);

    public static MessageContent Bytes(byte[] body, string? subject = null, params Guid[] attachments) => Make(BodyKind.Bytes, body, subject, attachments);

    private static MessageContent Make(BodyKind kind, byte[] body, string? subject, Guid[] attachments) =>
        new(Guid.CreateVersion7(), SHA256.HashData(body), kind, PlainOpener.Seal(body), subject, attachments);
}
