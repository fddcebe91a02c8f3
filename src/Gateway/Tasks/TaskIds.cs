using System.Security.Cryptography;
using ShitOps.Gateway.Messages;

namespace ShitOps.Gateway.Tasks;

/// <summary>
/// Ids of workflows and their tasks. With an idempotency key they follow from the request (RFC 9562, section 5.8: version 8),
/// so that a repeat reaches the same workflow through whichever gateway; else they are new (version 7).
/// </summary>
internal static class TaskIds
{
    /// <param name="single">A task on its own; the same key may be used for a workflow as well.</param>
    public static Guid Workflow(string? idempotencyKey, string team, bool single, DateTimeOffset now)
    {
        if (idempotencyKey is null)
            return Guid.CreateVersion7(now);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.Add("/v1/" + (single ? "tasks" : "workflows"));
        hash.Add(team);
        hash.Add(idempotencyKey);
        return Derived(hash);
    }

    /// <param name="place">Of the task in its workflow. The only task of its own workflow has that one's id.</param>
    public static Guid Task(Guid workflow, int place, bool derived, bool single, DateTimeOffset now)
    {
        if (single)
            return workflow;
        if (!derived)
            return Guid.CreateVersion7(now);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(workflow.ToByteArray(bigEndian: true));
        hash.Add(place);
        return Derived(hash);
    }

    private static Guid Derived(IncrementalHash hash)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }
}
