using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace ShitOps.Gateway.Board.Hosting;

/// <summary>Scripts and styles of the board, embedded in the assembly. An address names its content, so it may be kept for ever.</summary>
internal sealed class BoardAssets
{
    public const string Path = "/board/assets";
    private const string Prefix = "board/";

    private readonly FrozenDictionary<string, Lazy<Asset>> _assets = typeof(BoardAssets).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..], name => new Lazy<Asset>(() => Load(name)), StringComparer.Ordinal);

    private sealed record Asset(byte[] Bytes, byte[] Zipped, string Type, string Tag);

    public string Url(string name) => $"{Path}/{name}?v={_assets[name].Value.Tag}";

    public IResult Answer(string name, HttpContext http)
    {
        if (!_assets.TryGetValue(name, out Lazy<Asset>? found))
            return Results.NotFound();
        Asset asset = found.Value;
        bool zipped = http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.Vary = "Accept-Encoding";
        if (zipped)
            http.Response.Headers.ContentEncoding = "gzip";
        return Results.Bytes(zipped ? asset.Zipped : asset.Bytes, asset.Type);
    }

    private static Asset Load(string name)
    {
        using Stream source = typeof(BoardAssets).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        source.CopyTo(bytes);
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
            zip.Write(bytes.GetBuffer(), 0, (int)bytes.Length);
        return new(bytes.ToArray(), zipped.ToArray(), TypeOf(name), Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))[..16]);
    }

    private static string TypeOf(string name) => global::System.IO.Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
