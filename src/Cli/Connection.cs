using System.CommandLine;
using ShitOps.Client;

namespace ShitOps.Cli;

/// <summary>Where the API is and who calls: options first, then the environment.</summary>
internal sealed class Connection
{
    public const string UrlVariable = "SHITOPS_URL", KeyVariable = "SHITOPS_KEY", KeyFileVariable = "SHITOPS_KEY_FILE";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    private readonly Option<string?>
        _url = new("--url") { Description = $"Address of a gateway [{UrlVariable}, else {DefaultUrl}]", HelpName = "URL", Recursive = true },
        _key = new("--key") { Description = $"Key; others on this machine may see it in the list of processes [{KeyVariable}]", HelpName = "KEY", Recursive = true },
        _keyFile = new("--key-file") { Description = $"File that holds the key [{KeyFileVariable}]", HelpName = "FILE", Recursive = true };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line", Recursive = true };

    private readonly Option<int> _retries = new("--retries")
    {
        Description = "How often a call is tried again, 0 to 100",
        DefaultValueFactory = _ => 4,
        HelpName = "N",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        _retries.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int n) || n is < 0 or > 100))
                result.AddError("--retries must be a whole number from 0 to 100");
        });
        root.Options.Add(_url);
        root.Options.Add(_key);
        root.Options.Add(_keyFile);
        root.Options.Add(_json);
        root.Options.Add(_retries);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <exception cref="UsageException">An address or a key that cannot be used.</exception>
    public ShitOpsClientOptions Read(ParseResult parsed, Func<string, string?> environment, TimeProvider time)
    {
        string url = parsed.GetValue(_url) ?? Set(environment(UrlVariable)) ?? DefaultUrl;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"'{url}' is no http or https address (--url or {UrlVariable})");
        string? key = ReadKey(parsed, environment);
        if (key is not null && key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new UsageException("The key has characters that no key has");
        return new() { Address = address, Key = key, Retries = parsed.GetValue(_retries), Time = time };
    }

    private string? ReadKey(ParseResult parsed, Func<string, string?> environment)
    {
        (string? key, string? file) = (parsed.GetValue(_key), parsed.GetValue(_keyFile));
        if (key is not null && file is not null)
            throw new UsageException("--key and --key-file exclude each other");
        if (key is null && file is null)
        {
            key = Set(environment(KeyVariable));
            file = key is null ? Set(environment(KeyFileVariable)) : null;
        }
        if (file is null)
            return Set(key);
        string text = Files.Text(file).Trim();
        return text.Length > 0 ? text : throw new UsageException($"'{file}' holds no key");
    }

    private static string? Set(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>Reads what the caller names; what cannot be read is the caller's to know in one line.</summary>
internal static class Files
{
    public const string StandardInput = "-";

    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string Text(string path) => Try(path, () => path == StandardInput ? Console.In.ReadToEnd() : File.ReadAllText(path));

    /// <exception cref="UsageException">It cannot be read.</exception>
    public static byte[] Bytes(string path) => Try(path, () =>
    {
        if (path != StandardInput)
            return File.ReadAllBytes(path);
        using var all = new MemoryStream();
        using Stream input = Console.OpenStandardInput();
        input.CopyTo(all);
        return all.ToArray();
    });

    private static T Try<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {error.Message}");
        }
    }
}
