namespace ShitOps.Cli;

/// <summary>What a script may go by. Told in README.md; never renumbered.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The API refused, or what was asked for did not come about.</summary>
    public const int Refused = 1;

    /// <summary>The command line, a setting or a file cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>Nobody answers, or only that it cannot now, after all retries.</summary>
    public const int Unreachable = 3;

    /// <summary>doctor found something that must be seen to.</summary>
    public const int Unhealthy = 4;

    /// <summary>Ended by Ctrl+C or a signal: 128 and SIGINT.</summary>
    public const int Interrupted = 130;
}

/// <summary>What the caller gave cannot be used.</summary>
internal sealed class UsageException(string message) : Exception(message);
