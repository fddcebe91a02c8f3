using System.Diagnostics;

namespace ShitOps.Grains.Telemetry;

/// <summary>The spans of a silo. Each stands for a batch; without a listener nothing is made.</summary>
public static class SiloTrace
{
    public const string SourceName = "ShitOps.Silo";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsOn => Source.HasListeners();

    /// <inheritdoc cref="BatchActivity.Start"/>
    public static Activity? Batch(string operation, ActivityKind kind, IEnumerable<string?> parents, int messages, int? node = null) =>
        BatchActivity.Start(Source, operation, kind, parents, messages, node);

    /// <summary>A part of the step under way; nothing outside of one.</summary>
    public static Activity? Part(string name, ActivityKind kind) =>
        Activity.Current is { IsStopped: false } current && current.Source.Name == SourceName ? Source.StartActivity(name, kind) : null;

    /// <summary>The step under way that a commit belongs to, as a traceparent.</summary>
    public static string? Here() => IsOn && Activity.Current is { IsStopped: false, Recorded: true } current && current.Source.Name == SourceName ? current.Id : null;
}
