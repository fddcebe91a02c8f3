using System.Text.Json.Serialization;

namespace ShitOps.Gateway.OpenApi;

/// <summary>A problem (RFC 9457) as it is described; written by <see cref="Problems.Problem"/>.</summary>
/// <param name="Type">A URN that ends in the code.</param>
/// <param name="Code">Stable: what a program should look at.</param>
/// <param name="State">Of 409 wrong_transition: the state the task is in.</param>
/// <param name="RetryAfter">Seconds, as in the header of that name.</param>
/// <param name="Errors">Every fault of the request.</param>
public sealed record ProblemResource(
    string Type, string Title, int Status, string Code, string? Detail = null, string? State = null, long? RetryAfter = null, IReadOnlyList<FaultResource>? Errors = null);

/// <param name="At">Where in the body, as a JSON pointer (RFC 6901).</param>
/// <param name="Parameter">Which query parameter, path segment or header, when it is not in the body.</param>
public sealed record FaultResource(string Code, string Detail, [property: JsonPropertyName("pointer")] string? At = null, string? Parameter = null);
