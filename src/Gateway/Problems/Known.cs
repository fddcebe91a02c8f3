namespace ShitOps.Gateway.Problems;

/// <summary>The problems that more than one route answers with. Codes are part of the API: never renamed.</summary>
public static class Known
{
    public static readonly Problem
        NoKey = new(401, "unauthorized", "A valid key is needed: Authorization: Bearer KEY."),
        Forbidden = new(403, "forbidden", "This key may not do that."),
        NoBodies = new(403, "forbidden", "Operator and security keys read no bodies."),
        TeamGone = new(403, "team_removed", "The team of this key is not in the tree any more."),
        NotFound = new(404, "not_found", "There is no such thing here."),
        BadMethod = new(405, "method_not_allowed", "This address does not know that method."),
        NotAcceptable = new(406, "not_acceptable", "No representation fits the Accept header."),
        Timeout = new(408, "request_timeout", "The request came in too slowly."),
        KeyReused = new(409, "idempotency_key_reused", "This Idempotency-Key was used for another request within 24 hours."),
        BadMediaType = new(415, "unsupported_media_type", "The Content-Type is not one this address takes; text must be UTF-8."),
        HubFull = new(429, "hub_full", "The hub of this team holds as many unsettled messages as it may.", retryAfter: TimeSpan.FromSeconds(2)),
        Internal = new(500, "internal_error", "Something went wrong here; it has been logged."),
        NotAllowed = new(403, "not_allowed", "This is not yours to do."),
        ScannerAway = new(503, "scanner_unavailable", "The scanner is away; nothing was stored.", retryAfter: TimeSpan.FromSeconds(5)),
        Unavailable = new(503, "unavailable", "The cluster or its database does not answer; nothing was stored.", retryAfter: TimeSpan.FromSeconds(2)),
        NoAnswer = new(503, "unavailable", "The cluster or its database does not answer.", retryAfter: TimeSpan.FromSeconds(2)),
        OutcomeUnknown = new(503, "outcome_unknown",
            "No answer came in time: it may or may not have been stored. Repeat with the same Idempotency-Key to be sure.",
            retryAfter: TimeSpan.FromSeconds(2));

    public static Problem TooManyKeys(TimeSpan wait) => new(429, "too_many_wrong_keys", "Too many wrong keys came from there.", retryAfter: wait);

    public static Problem TooLarge(long limit) => new(413, "too_large", $"The request body is larger than {limit} bytes.");

    public static Problem Malformed(string detail) => new(400, "malformed_json", detail);

    /// <summary>What the framework answered with a bare status.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        400 => new(400, "bad_request", "The request could not be understood."),
        401 => NoKey,
        403 => Forbidden,
        404 => NotFound,
        405 => BadMethod,
        406 => NotAcceptable,
        408 => Timeout,
        413 => new(413, "too_large", "The request body is too large."),
        414 => new(414, "uri_too_long", "The address is too long."),
        415 => BadMediaType,
        431 => new(431, "headers_too_large", "The headers are too large."),
        503 => NoAnswer,
        >= 500 => new(status, "internal_error", Internal.Detail),
        _ => new(status, "bad_request", null),
    };
}
