using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ShitOps.Fuzz.Api;

/// <summary>One request, as bytes, and what it is.</summary>
/// <param name="IsHttp">False: the request itself is broken, and any answer or none will do.</param>
internal sealed record FuzzCase(Operation Operation, byte[] Bytes, bool IsHttp)
{
    public string Shown => Encoding.Latin1.GetString(Bytes.AsSpan(0, Math.Min(Bytes.Length, 600))).Replace("\r\n", "⏎", StringComparison.Ordinal);
}

/// <summary>From a seed and a number, a request to one of the operations: mostly nearly right, since what is all wrong is refused at the door.</summary>
internal sealed class RequestMaker(JsonElement document, IReadOnlyList<Operation> operations, IReadOnlyList<string> keys)
{
    private static readonly string[] OddHeaders =
    [
        "Content-Encoding: gzip", "Accept: application/xml", "Accept: */*;q=x", "Prefer: wait=99999999999", "Prefer: wait=-1", "Prefer: respond-async, wait=0", "traceparent: 00-zz-zz-00",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "If-Match: *", "Range: bytes=0-", "Range: bytes=-1", "X-HTTP-Method-Override: DELETE", "Origin: null",
        "Cookie: a=b; a=b", "Last-Event-ID: \u00ff", "Idempotency-Key: ", "Idempotency-Key: a b", "Expect: 200-ok", "Upgrade: h2c", "X-Forwarded-For: 1.1.1.1", "Accept-Language: \t",
    ];

    public FuzzCase Make(int seed, int number, IReadOnlyList<string> known)
    {
        var random = new Random((seed * 1_000_003) ^ (number * 7919));
        var values = new SchemaValues(document, random, known);
        Operation operation = operations[random.Next(operations.Count)];
        int wrong = ((int[])[0, 0, 3, 10, 40])[random.Next(5)];
        (string type, byte[] body) = Body(random, operation, values, wrong);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{operation.Method} {Target(random, operation, values)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if (random.Next(20) > 0)
            head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {keys[random.Next(keys.Count)]}\r\n");
        else
            head.Append(CultureInfo.InvariantCulture, $"Authorization: {Line(Junk.Text(random))}\r\n");
        foreach (Parameter header in operation.Parameters.Where(p => p.In == "header" && random.Next(3) == 0))
            head.Append(CultureInfo.InvariantCulture, $"{header.Name}: {Line(random.Next(3) == 0 ? Junk.Text(random) : values.Text(header.Name, ""))}\r\n");
        for (int odd = random.Next(6); odd == 0 || random.Next(8) == 0; odd++)
            head.Append(OddHeaders[random.Next(OddHeaders.Length)]).Append("\r\n");
        bool chunked = body.Length > 0 && random.Next(10) == 0;
        if (type.Length > 0)
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\n");
        if (chunked)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (body.Length > 0 || operation.Method is "POST" or "PUT")
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. chunked ? Chunks(random, body) : body];
        bool broken = random.Next(25) == 0;
        return new(operation, broken ? Junk.Break(random, bytes) : bytes, !broken);
    }

    private static string Target(Random random, Operation operation, SchemaValues values)
    {
        var target = new StringBuilder();
        foreach (string part in operation.Path.Split('/').Skip(1))
            target.Append('/').Append(part.StartsWith('{') ? Escaped(random, values.Text(part.Trim('{', '}'), "")) : part);
        Parameter[] query = [.. operation.Parameters.Where(p => p.In == "query" && random.Next(2) == 0)];
        char divider = '?';
        foreach (Parameter parameter in query)
        {
            // Long waits are tested elsewhere.
            string value = parameter.Name == "wait" ? ((string[])["0", "1", "-1", "31", "x"])[random.Next(5)]
                : random.Next(3) == 0 ? Junk.Text(random)
                : parameter.Schema.ValueKind == JsonValueKind.Object ? values.Json(parameter.Schema, 5, parameter.Name).Trim('"') : Junk.Number(random);
            target.Append(divider).Append(parameter.Name).Append('=').Append(Escaped(random, value));
            divider = '&';
            if (random.Next(15) == 0)
                target.Append('&').Append(parameter.Name).Append('=').Append(Escaped(random, Junk.Text(random)));
        }
        return target.Length > 6000 ? target.ToString(0, 6000) : target.ToString();
    }

    private static (string Type, byte[] Bytes) Body(Random random, Operation operation, SchemaValues values, int wrong)
    {
        if (operation.Bodies.Count == 0)
            return random.Next(10) == 0 ? ("application/json", Encoding.UTF8.GetBytes(Junk.Json(random))) : ("", []);
        (string type, JsonElement schema) = operation.Bodies[random.Next(operation.Bodies.Count)];
        int lines = type.Contains("ndjson", StringComparison.Ordinal) ? random.Next(1, 30) : 1;
        string text = string.Join('\n', Enumerable.Range(0, lines).Select(_ => values.Json(schema, wrong)));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (random.Next(12) == 0)
            bytes = Junk.Break(random, bytes);
        if (random.Next(400) == 0)
            bytes = [.. bytes, .. new byte[random.Next(20) << 20]];
        if (random.Next(15) == 0)
            type = ((string[])["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", "application/x-ndjson", "application/json", "*/*", "json"])[random.Next(8)];
        return (type, bytes);
    }

    private static byte[] Chunks(Random random, byte[] body)
    {
        var chunks = new MemoryStream();
        for (int at = 0; at < body.Length;)
        {
            int length = Math.Min(random.Next(1, 4000), body.Length - at);
            chunks.Write(Encoding.ASCII.GetBytes(length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            chunks.Write(body, at, length);
            chunks.Write("\r\n"u8);
            at += length;
        }
        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    /// <summary>For a path or query: escaped, or as it is where no blank or line end would make two of one.</summary>
    private static string Escaped(Random random, string text) =>
        random.Next(8) == 0 ? new([.. text.Where(c => c is > ' ' and < (char)127)]) : Uri.EscapeDataString(new string([.. text.Where(c => !char.IsSurrogate(c))]));

    private static string Line(string text) => new([.. text.Where(c => c is >= ' ' and < (char)256 and not (char)127)]);
}
