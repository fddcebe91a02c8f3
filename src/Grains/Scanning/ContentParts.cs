using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ShitOps.Grains.Scanning;

/// <summary>
/// Cuts a plain body into what a scanner must see. Signatures are anchored: malware inside a JSON string is not found
/// in the JSON text. So the parts are the raw bytes, every decoded string and property name of
/// <see cref="MinPartBytes"/> or more (except identifiers), everything in them that is base64 (in data: URLs too, and base64 within base64
/// up to <see cref="MaxNesting"/> levels), and the subject.
/// </summary>
public static class ContentParts
{
    /// <summary>Shorter strings carry no signature; they are still seen in the raw bytes.</summary>
    public const int MinPartBytes = 16;

    /// <summary>
    /// Strings up to this length that are a number, a date, a UUID or a hash are no parts of their own: messages are full
    /// of them, each would cost as much as a whole message, and they hold no more than 32 bytes of anything.
    /// </summary>
    public const int MaxIdentifierBytes = 64;

    private static readonly SearchValues<byte> IdentifierBytes = SearchValues.Create("0123456789abcdefABCDEF:.+-TZ"u8);

    /// <summary>Levels of base64 within base64 that are decoded.</summary>
    public const int MaxNesting = 3;

    public const int MaxJsonDepth = 256;

    /// <summary>Parts of one message: above what a body of <see cref="Limits.BodyBytes"/> can hold without nesting.</summary>
    public const int MaxParts = 32_768;

    /// <summary>Bytes in all parts of one message: raw, strings and three decoded levels are less than four times the body.</summary>
    public const int MaxPartBytes = 8 * Limits.BodyBytes;

    public const string TooMany = "more parts than can be scanned";
    public const string BadJson = "JSON that cannot be read";
    public const string BadText = "text that is not Unicode";

    /// <summary>Adds the parts of one message to <paramref name="list"/> and their places to <paramref name="places"/>.</summary>
    /// <returns>Null, or why the content cannot be scanned.</returns>
    public static string? Cut(BodyKind kind, ReadOnlyMemory<byte> body, string? subject, PartList list, List<int> places)
    {
        var cutter = new Cutter(list, places);
        try
        {
            if (subject is not null && Encoding.UTF8.GetByteCount(subject) >= MinPartBytes)
            {
                int size = Encoding.UTF8.GetBytes(subject, list.Rent(Encoding.UTF8.GetMaxByteCount(subject.Length)).Span);
                cutter.AddText(list.Keep(size), 0);
            }
            if (kind == BodyKind.Json)
                cutter.AddJson(body);
            else
                cutter.AddBytes(body);
            return null;
        }
        catch (TooManyException)
        {
            return TooMany;
        }
        catch (JsonException)
        {
            return BadJson;
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.CopyString: an escape names half a surrogate pair.
            return BadText;
        }
    }

    private sealed class TooManyException : Exception;

    private struct Cutter(PartList list, List<int> places)
    {
        private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxJsonDepth };
        private int _count;
        private long _bytes;

        public void AddJson(ReadOnlyMemory<byte> body)
        {
            ReadOnlySpan<byte> json = body.Span;
            var reader = new Utf8JsonReader(json, Options);
            bool first = true, single = false;
            while (reader.Read())
            {
                if (first)
                {
                    first = false;
                    single = reader.TokenType == JsonTokenType.String;
                    if (!single)
                        Add(body);
                }
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && (single || MayHoldSomething(reader.ValueSpan)))
                    AddString(ref reader, body, single);
            }
        }

        private static bool MayHoldSomething(ReadOnlySpan<byte> text) =>
            text.Length >= MinPartBytes && (text.Length > MaxIdentifierBytes || text.ContainsAnyExcept(IdentifierBytes));

        public void AddBytes(ReadOnlyMemory<byte> body)
        {
            AddText(body, 0, always: true);
            // Bytes may be JSON under another name; if they are not, the raw bytes are what counts.
            int start = body.Span.IndexOfAnyExcept(" \t\r\n"u8);
            if (start < 0 || body.Span[start] is not ((byte)'{' or (byte)'[' or (byte)'"'))
                return;
            try
            {
                AddJson(body);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                // Not JSON.
            }
        }

        private void AddString(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, bool always)
        {
            if (!reader.ValueIsEscaped)
            {
                AddText(body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length), 0, always);
                return;
            }
            int size = reader.CopyString(list.Rent(reader.ValueSpan.Length).Span);
            if (size >= MinPartBytes || always)
                AddText(list.Keep(size), 0, always);
        }

        /// <summary>Adds the text, and what it holds in base64.</summary>
        public void AddText(ReadOnlyMemory<byte> text, int level, bool always = false)
        {
            if (text.Length >= MinPartBytes || always)
                Add(text);
            if (level == MaxNesting)
                return;
            ReadOnlySpan<byte> span = text.Span;
            int run = Base64Text.RunLength(span);
            if (run == span.Length)
            {
                AddDecoded(text, level);
                return;
            }
            for (int at = 0; span[at..].IndexOf("base64,"u8) is >= 0 and int found;)
            {
                at += found + "base64,".Length;
                int length = Base64Text.RunLength(span[at..]);
                AddDecoded(text.Slice(at, length), level);
                at += length;
            }
        }

        private void AddDecoded(ReadOnlyMemory<byte> text, int level)
        {
            if (text.Length * 3L / 4 < MinPartBytes)
                return;
            int size = Base64Text.Decode(text.Span, list.Rent(Base64Text.MaxDecoded(text.Length)).Span);
            if (size >= MinPartBytes)
                AddText(list.Keep(size), level + 1);
        }

        private void Add(ReadOnlyMemory<byte> part)
        {
            if (part.Length == 0)
                return;
            _count++;
            _bytes += part.Length;
            if (_count > MaxParts || _bytes > MaxPartBytes)
                throw new TooManyException();
            places.Add(list.Add(part));
        }
    }
}
