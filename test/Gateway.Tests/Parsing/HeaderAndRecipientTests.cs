using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Inbox;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.RateLimits;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Parsing;

public sealed class HeaderAndRecipientTests
{
    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false)]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false)]
    [InlineData("", false)]
    public void A_traceparent_is_kept_only_if_it_is_one(string value, bool valid) => Assert.Equal(valid, MessageHeaders.IsTraceParent(value));

    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("respond-async, wait=10", 10)]
    [InlineData("WAIT = 7", 7)]
    [InlineData("wait=300", 30)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=soon", null)]
    [InlineData("return=minimal", null)]
    public void Prefer_wait_is_read_as_RFC_7240_writes_it(string prefer, int? seconds)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["Prefer"] = prefer;
        Assert.Equal(seconds, MessageHeaders.PreferWait(http.Request));
    }

    [Theory]
    [InlineData("k", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void An_idempotency_key_is_visible_ASCII(string key, bool valid) => Assert.Equal(valid, MessageHeaders.IsIdempotencyKey(key));

    private static readonly TreeSnapshot Tree = new("main", 1,
    [
        Place("a", "QA", 0), Place("b", "QA", 0), Place("c", "Dev", 1), Place("d", "Ops", 2), Place("e", "Dev", 3),
    ]);

    private static TeamPlace Place(string name, string function, int node) => new(name, function, 1, node, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("a", "b", null)]
    [InlineData("a", "a", "own_team")]
    [InlineData("a", "zz", "unknown_recipient")]
    [InlineData("a", "function:QA", null)]
    [InlineData("d", "function:Ops", "no_recipient")]
    [InlineData("d", "function:ops", "unknown_recipient")]
    [InlineData("c", "below:c", null)]
    [InlineData("d", "below:d", "no_recipient")]
    [InlineData("a", "below:d", null)]
    [InlineData("a", "below:zz", "unknown_recipient")]
    [InlineData("a", "all", null)]
    public void An_address_must_reach_somebody_else(string sender, string to, string? code)
    {
        Assert.True(Address.TryParse(to, out Address address));
        Assert.Equal(code, Recipients.Check(Tree, sender, address)?.Code);
    }

    [Fact]
    public void All_of_a_tree_of_one_is_nobody() =>
        Assert.Equal("no_recipient", Recipients.Check(new TreeSnapshot("main", 1, [Place("a", "QA", 0)]), "a", new Address(AddressKind.All, ""))?.Code);

    [Fact]
    public void Lines_are_cut_at_every_line_end_and_put_together_again_are_the_text() =>
        Gen.String[Gen.Char["ab\n\r"], 0, 50].Sample(text =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            string[] lines = [.. PostBulk.Lines(bytes).Select(r => Encoding.UTF8.GetString(bytes[r]))];
            string[] expected = text.EndsWith('\n') ? text[..^1].Split('\n') : text.Length == 0 ? [] : text.Split('\n');
            return lines.SequenceEqual(expected.Select(l => l.EndsWith('\r') ? l[..^1] : l));
        });

    [Fact]
    public void An_event_of_many_lines_reads_back_as_one_value()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Guid id = Guid.NewGuid();
        InboxStream.WriteEvent(output, id, "{\"a\":\n1,\r\n\"b\":\r2}"u8);
        Assert.Equal($"id: {id}\nevent: delivery\ndata: {{\"a\":\ndata: 1,\ndata: \"b\":\ndata: 2}}\n\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }

    [Fact]
    public void A_bucket_gives_its_burst_then_its_rate_and_says_when_there_is_more()
    {
        var time = new SteppedTime();
        var bucket = new TokenBucket(time);
        Assert.Equal(20, bucket.Take(25, 10, 20, out TimeSpan wait));
        Assert.Equal(TimeSpan.FromSeconds(0.1), wait);
        Assert.Equal(0, bucket.Take(1, 10, 20, out _));
        time.Advance(TimeSpan.FromSeconds(0.55));
        Assert.Equal(5, bucket.Take(9, 10, 20, out _));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, bucket.Take(100, 10, 20, out _));
    }

    [Fact]
    public void A_team_may_post_at_its_rate_and_is_told_when_again()
    {
        var time = new SteppedTime();
        var options = Microsoft.Extensions.Options.Options.Create(new GatewayOptions { MessagesPerSecond = 10 });
        var watch = new TreeWatch(null!, time);
        watch.Learn(new TreeSnapshot("main", 1, [Place("a", "QA", 0), Place("b", "QA", 1) with { Weight = 2 }]));
        var rates = new TeamRates(watch, options, time);
        Assert.Equal(20, rates.Take("a", 25, out Gateway.Problems.Problem? refusal));
        Assert.Equal(("rate_limited", 429), (refusal?.Code, refusal?.Status));
        Assert.NotNull(refusal!.RetryAfter);
        Assert.Equal(40, rates.Take("b", 99, out _));
        Assert.Equal(0, rates.Take("a", 1, out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, rates.Take("a", 1, out refusal));
        Assert.Null(refusal);
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("same", "same", 0)]
    public void Distance_counts_edits(string a, string b, int edits) => Assert.Equal(edits, NearestName.Distance(a, b));

    [Fact]
    public void Keys_are_equal_only_to_themselves()
    {
        KeyHash key = KeyHash.Of("sho_one");
        Assert.True(key.FixedTimeEquals(KeyHash.Of("sho_one")));
        Assert.False(key.FixedTimeEquals(KeyHash.Of("sho_onf")));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData("sho_one"u8), key.ToBytes());
    }

    [Fact]
    public void Configured_keys_that_cannot_be_used_are_all_named_and_never_shown()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            [ConfiguredKeys.OperatorSetting] = "short",
            [ConfiguredKeys.SecuritySetting] = "with spaces and so no key at all",
        };
        string message = Assert.Throws<InvalidDataException>(() => new ConfiguredKeys(configuration)).Message;
        Assert.Contains(ConfiguredKeys.OperatorSetting, message, StringComparison.Ordinal);
        Assert.Contains(ConfiguredKeys.SecuritySetting, message, StringComparison.Ordinal);
        Assert.DoesNotContain("with spaces", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rejected_call_never_ran_and_a_silo_that_died_in_it_may_have()
    {
        Assert.True(Transience.NeverRan(Rejection()));
        Assert.False(Transience.NeverRan(new SiloUnavailableException("gone")));
        Assert.False(Transience.NeverRan(new TimeoutException()));
        Assert.True(Transience.IsTransient(new SiloUnavailableException("gone")));
        Assert.True(Transience.IsTransient(new TimeoutException()));
        Assert.False(Transience.IsTransient(new ArgumentException("a bug")));
    }

    private static OrleansMessageRejectionException Rejection() =>
        (OrleansMessageRejectionException)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(OrleansMessageRejectionException));
}
