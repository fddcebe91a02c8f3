namespace ShitOps.TestKit.Telemetry;

/// <summary>The length-delimited fields of a protobuf message (https://protobuf.dev/programming-guides/encoding/), in order; numbers are passed over.</summary>
internal static class ProtobufFields
{
    /// <exception cref="InvalidDataException">Not protobuf.</exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Value)> Of(ReadOnlyMemory<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong tag = Varint(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message.Span, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message.Span, ref at);
                    if (length > message.Length - at)
                        throw new InvalidDataException("a field is cut off");
                    yield return ((int)(tag >> 3), message.Slice(at, length));
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"no such wire type: {tag & 7}");
            }
        }
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a number is cut off");
    }
}
