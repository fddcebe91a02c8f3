namespace ShitOps.Fuzz.Scanner;

/// <summary>What a clamd does in place of answering. The early ones come while the content is still being sent.</summary>
internal enum Hostility
{
    /// <summary>A part of the answer, then nothing: it hangs up.</summary>
    Truncated,
    /// <summary>The answer, byte by byte.</summary>
    Split,
    /// <summary>The answer, so late that others pass it.</summary>
    Delayed,
    Twice,
    /// <summary>Up to 200,000 bytes without an end.</summary>
    WithoutEnd,
    /// <summary>A byte now and then, as long as anybody listens.</summary>
    Dripping,
    AnyBytes,
    BytesWithEnds,
    /// <summary>An answer under a number that nobody gave.</summary>
    NobodysNumber,
    /// <summary>An error, as clamd words them; then it hangs up, or does not.</summary>
    Complaint,
    NearlyRight,
    /// <summary>The answer, and in the same piece bytes of nobody's.</summary>
    MoreBehind,
    Silence,
    HangUp,
    Reset,
    EarlyHangUp,
    EarlyReset,
    EarlyComplaint,
    EarlyBytes,
}
