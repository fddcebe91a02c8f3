namespace ShitOps.Cli.Doctor;

/// <summary>What one check found.</summary>
/// <param name="Status">ok, warning, failed or skipped.</param>
/// <param name="Advice">What to do, where there is something to do.</param>
internal sealed record Finding(string Check, string Status, string Detail, string? Advice = null)
{
    public const string Ok = "ok", Warning = "warning", Failed = "failed", Skipped = "skipped";

    public static Finding Good(string check, string detail) => new(check, Ok, detail);

    public static Finding Odd(string check, string detail, string advice) => new(check, Warning, detail, advice);

    public static Finding Bad(string check, string detail, string advice) => new(check, Failed, detail, advice);

    public static Finding NotDone(string check, string detail, string? advice = null) => new(check, Skipped, detail, advice);
}
