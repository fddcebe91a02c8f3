namespace ShitOps.Silo.Elastic;

/// <summary>Reads <c>00-TRACE-SPAN-FLAGS</c>; whatever else a caller sent is no trace.</summary>
/// <seealso href="https://www.w3.org/TR/trace-context/#traceparent-header"/>
internal static class TraceContext
{
    public static bool TryRead(string? traceParent, out string trace, out string span)
    {
        (trace, span) = ("", "");
        if (traceParent is not { Length: >= 55 } || traceParent[2] != '-' || traceParent[35] != '-' || traceParent[52] != '-')
            return false;
        ReadOnlySpan<char> traceId = traceParent.AsSpan(3, 32), spanId = traceParent.AsSpan(36, 16);
        if (!IsId(traceId) || !IsId(spanId))
            return false;
        (trace, span) = (traceId.ToString(), spanId.ToString());
        return true;
    }

    private static bool IsId(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }
        return text.ContainsAnyExcept('0');
    }
}
