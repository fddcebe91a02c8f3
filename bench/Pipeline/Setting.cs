using System.CommandLine;
using System.Globalization;

namespace ShitOps.Bench;

/// <summary>One option of the command line and the property of <see cref="BenchOptions"/> it sets.</summary>
internal abstract class Setting
{
    public static readonly Setting[] All =
    [
        Of("--messages", "Messages posted", o => o.Messages, (o, v) => o with { Messages = v }, v => v >= 1),
        Of("--duration", "Seconds of posting, instead of a number of messages", o => o.Duration, (o, v) => o with { Duration = v }, v => v >= 0),
        Of("--body", "Bytes of a body", o => o.Body, (o, v) => o with { Body = v }, v => v is >= 1 and <= 200_000),
        Of("--bulk", "Lines of a bulk; 1: single posts", o => o.Bulk, (o, v) => o with { Bulk = v }, v => v is >= 1 and <= 1_000),
        Of("--senders", "Posts under way at once", o => o.Senders, (o, v) => o with { Senders = v }, v => v >= 1),
        Of("--teams", "Teams, two a node", o => o.Teams, (o, v) => o with { Teams = v }, v => v >= 2),
        Of("--silos", "Silos", o => o.Silos, (o, v) => o with { Silos = v }, v => v >= 1),
        Of("--traffic", "Random pairs, one hot pair, or broadcast to all", o => o.Traffic, (o, v) => o with { Traffic = v }),
        Of("--receive", "Recipients poll, stream, or come later", o => o.Receive, (o, v) => o with { Receive = v }),
        Of("--rate", "Messages a second at most; 0: no limit", o => o.Rate, (o, v) => o with { Rate = v }, v => v >= 0),
        Of("--load", "Measure again at this share of the rate found; 0: do not", o => o.Load, (o, v) => o with { Load = v }, v => v is >= 0 and <= 1),
        Of("--backlog", "Measure again while so many messages wait", o => o.Backlog, (o, v) => o with { Backlog = v }, v => v >= 0),
        Of("--waiting", "Where they wait: an inbox, an outbox, or held by a scanner that hung", o => o.Waiting, (o, v) => o with { Waiting = v }),
        Of("--warm-up", "Rounds before the measured one", o => o.WarmUp, (o, v) => o with { WarmUp = v }, v => v >= 0),
        Of("--standalone", "One process on SQLite with the built-in scanner", o => o.Standalone, (o, v) => o with { Standalone = v }),
        Of("--floors", "Also scanner, database and hops alone", o => o.Floors, (o, v) => o with { Floors = v }),
        Of("--limit", "Seconds after which a run is given up", o => o.Limit, (o, v) => o with { Limit = v }, v => v >= 1),
        Of("--scale", "Suite: share of the full numbers", o => o.Scale, (o, v) => o with { Scale = v }, v => v is > 0 and <= 1),
        Of("--only", "Suite: rows whose names begin so, with commas between", o => o.Only, (o, v) => o with { Only = v }),
        Of("--json", "A file for the figures", o => o.Json, (o, v) => o with { Json = v }),
        Of("--markdown", "Suite: a file for the table", o => o.Markdown, (o, v) => o with { Markdown = v }),
    ];

    public abstract Option Option { get; }

    public abstract BenchOptions Apply(ParseResult parsed, BenchOptions options);

    /// <summary>As one would type it; null where it is the usual.</summary>
    protected abstract string? Typed(BenchOptions options, BenchOptions usual);

    /// <summary>What was given, and what is usual for the rest.</summary>
    public static BenchOptions Read(ParseResult parsed, BenchOptions usual) => All.Aggregate(usual, (options, setting) => setting.Apply(parsed, options));

    /// <summary>The command that measures just this.</summary>
    public static string Command(Scenario scenario, BenchOptions options)
    {
        string arguments = string.Join(' ', All.Select(s => s.Typed(options, scenario.Usual)).OfType<string>().Prepend(scenario.Verb).Where(text => text.Length > 0));
        return "dotnet run -c Release --project bench/Pipeline" + (arguments.Length == 0 ? "" : " -- " + arguments);
    }

    private static OneSetting<T> Of<T>(string name, string text, Func<BenchOptions, T> get, Func<BenchOptions, T, BenchOptions> set, Func<T, bool>? allowed = null) =>
        new(name, text, get, set, allowed);

    private sealed class OneSetting<T> : Setting
    {
        private readonly Option<T> _option;
        private readonly Func<BenchOptions, T> _get;
        private readonly Func<BenchOptions, T, BenchOptions> _set;

        public OneSetting(string name, string text, Func<BenchOptions, T> get, Func<BenchOptions, T, BenchOptions> set, Func<T, bool>? allowed)
        {
            (_get, _set) = (get, set);
            string usual = $"{get(Scenario.Flow.Usual)}".ToLowerInvariant();
            _option = new Option<T>(name) { Description = usual.Length == 0 ? text : $"{text}; usually {usual}", Recursive = true };
            if (allowed is not null)
            {
                _option.Validators.Add(result =>
                {
                    if (result.GetValueOrDefault<T>() is { } value && !allowed(value))
                        result.AddError($"{name} cannot be {value}");
                });
            }
        }

        public override Option Option => _option;

        public override BenchOptions Apply(ParseResult parsed, BenchOptions options) => parsed.GetResult(_option) is not { Implicit: false } ? options : _set(options, parsed.GetValue(_option)!);

        protected override string? Typed(BenchOptions options, BenchOptions usual) => Equals(_get(options), _get(usual)) ? null
            : _get(options) is true ? _option.Name
            : string.Create(CultureInfo.InvariantCulture, $"{_option.Name} {_get(options)}").ToLowerInvariant();
    }
}
