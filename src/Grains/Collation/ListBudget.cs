using System.Text.Json;
using ShitOps.Grains.Scanning;

namespace ShitOps.Grains.Collation;

/// <summary>Decides which replies of a list stand in the collation itself: the first in post-order, as far as the room goes. Pure.</summary>
/// <param name="room">Bytes of bodies in all.</param>
internal sealed class ListBudget(int room)
{
    /// <summary>Depth that is left to a reply inside of a collation.</summary>
    private const int Depth = ContentParts.MaxJsonDepth - 3;

    private int _left = room;

    public bool HasRoom(int size) => size <= _left;

    /// <summary>The reply, or the mention of it if it does not fit or cannot be written into JSON.</summary>
    public ListedReply Admit(ListedReply reply)
    {
        if (reply.Body is null || !HasRoom(reply.Body.Length) || (reply.Kind == BodyKind.Json && !IsWritable(reply.Body)))
            return reply with { Body = null };
        _left -= reply.Body.Length;
        return reply;
    }

    private static bool IsWritable(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
        try
        {
            while (reader.Read())
                continue;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
