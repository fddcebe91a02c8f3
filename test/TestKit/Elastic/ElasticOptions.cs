namespace ShitOps.TestKit.Elastic;

/// <summary>How the server is set up.</summary>
public sealed record ElasticOptions
{
    /// <summary>Bytes of a body after it was unpacked, as <c>http.max_content_length</c>.</summary>
    public int MaxContentLength { get; init; } = 100 * 1024 * 1024;

    /// <summary>The encoded key that must come as <c>ApiKey</c>; null: not asked for.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Name and password that may come as <c>Basic</c>; null: not asked for.</summary>
    public (string Name, string Password)? User { get; init; }

    /// <summary>Serve https with a certificate of an authority of its own, whose file is <see cref="ElasticServer.CaFile"/>.</summary>
    public bool Tls { get; init; }

    /// <summary>Serve https with this certificate and its key instead, both PEM files.</summary>
    public (string CertificateFile, string KeyFile)? Certificate { get; init; }
}

/// <summary>What goes wrong with one request to <c>_bulk</c>, once.</summary>
public abstract record ElasticFault
{
    /// <summary>Answers at once with that status and stores nothing.</summary>
    public sealed record Refuse(int Status, int? RetryAfterSeconds = null) : ElasticFault;

    /// <summary>Closes the connection before anything is stored.</summary>
    public sealed record Drop : ElasticFault;

    /// <summary>Stores everything, sends half of the answer and closes the connection.</summary>
    public sealed record Truncate : ElasticFault;

    /// <summary>Stores everything, and does not answer before the test lets it.</summary>
    public sealed record Stall(Task Until) : ElasticFault;

    /// <summary>Answers 200, and these documents with that status: they are not stored.</summary>
    public sealed record Items(Func<string, bool> Which, int Status, string Type) : ElasticFault;
}

/// <summary>A document that is stored.</summary>
/// <param name="Index">The backing index: an id is unique only within it.</param>
public sealed record StoredDocument(string Index, string Id, ReadOnlyMemory<byte> Source);
