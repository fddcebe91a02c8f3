using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.Security;
using ShitOps.Gateway.Tests.World;
using ShitOps.TestKit.Api;

namespace ShitOps.Gateway.Tests.Routes;

/// <summary>Who guesses keys is slowed; who has one is not.</summary>
[Collection(nameof(GatewayCollection))]
public sealed class GuessTests(GatewayFixture gateway)
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1"), There = IPAddress.Parse("192.0.2.2");

    private static (GuessGuard Guard, SteppedTime Time) Make(int most = 5)
    {
        (GuessGuard guard, SteppedTime time, _) = MakeTold(most);
        return (guard, time);
    }

    private static (GuessGuard Guard, SteppedTime Time, Told Told) MakeTold(int most = 5)
    {
        var time = new SteppedTime();
        var told = new Told();
        return (new(Options.Create(new GatewayOptions { WrongKeysPerMinute = most }), time, NullLogger<GuessGuard>.Instance, told), time, told);
    }

    private static TimeSpan? Guess(GuessGuard guard, IPAddress? from, string key) => guard.Wrong(from, key, KeyHash.Of(key));

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:x8}-guessed");

    [Fact]
    public void After_so_many_wrong_keys_one_waits_and_then_may_guess_again()
    {
        (GuessGuard guard, SteppedTime time) = Make();
        for (int i = 0; i < 5; i++)
            Assert.Null(Guess(guard, Here, Key(i)));
        TimeSpan wait = Assert.NotNull(Guess(guard, Here, Key(5)));
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
        Assert.Null(Guess(guard, There, Key(6)));
        time.Step(wait);
        Assert.Null(Guess(guard, Here, Key(7)));
        Assert.NotNull(Guess(guard, Here, Key(8)));
    }

    [Fact]
    public void The_same_wrong_key_again_is_no_guess()
    {
        (GuessGuard guard, _) = Make();
        for (int i = 0; i < 1000; i++)
            Assert.Null(Guess(guard, Here, "sho_of-a-team-that-left"));
    }

    [Fact]
    public void Guesses_that_begin_alike_are_counted_together_wherever_they_come_from()
    {
        (GuessGuard guard, _) = Make();
        int told = 0;
        for (int i = 0; i < 60; i++)
        {
            if (Guess(guard, new IPAddress([192, 0, 2, (byte)i]), "sho_abcd" + Key(i)) is not null)
                told++;
        }
        Assert.Equal(10, told);
        Assert.Null(Guess(guard, new IPAddress([192, 0, 2, 200]), "sho_wxyz" + Key(1)));
    }

    [Fact]
    public void Whoever_has_a_network_of_IPv6_is_one()
    {
        (GuessGuard guard, _) = Make(1);
        Assert.Null(Guess(guard, IPAddress.Parse("2001:db8:1:2:3::1"), Key(1)));
        Assert.NotNull(Guess(guard, IPAddress.Parse("2001:db8:1:2:ffff::9"), Key(2)));
        Assert.Null(Guess(guard, IPAddress.Parse("2001:db8:1:3::1"), Key(3)));
        Assert.Null(Guess(guard, Here, Key(4)));
        Assert.NotNull(Guess(guard, Here.MapToIPv6(), Key(5)));
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_latest_stay()
    {
        (GuessGuard guard, _) = Make(1);
        Guess(guard, Here, Key(0));
        for (int i = 1; i <= 3 * GuessGuard.Capacity; i++)
        {
            Guess(guard, new IPAddress(i), Key(i));
            if (i % 1000 == 0)
                Assert.NotNull(Guess(guard, Here, Key(-i)));
        }
        Assert.Equal(GuessGuard.Capacity, guard.Remembered);
    }

    [Fact]
    public void Guessing_is_told_once_an_hour_for_each_source_by_its_network()
    {
        (GuessGuard guard, SteppedTime time, Told told) = MakeTold();
        for (int i = 0; i < 5; i++)
            Guess(guard, Here, Key(i));
        Assert.Empty(told);
        for (int i = 5; i < 500; i++)
        {
            Guess(guard, Here, Key(i));
            time.Step(TimeSpan.FromSeconds(1));
        }
        Assert.Equal([("192.0.2.0/24", 5)], told);
        time.Step(GuessGuard.TellAgainAfter);
        for (int i = 500; i < 510; i++)
            Guess(guard, Here, Key(i));
        Assert.Equal(2, told.Count);
        for (int i = 0; i < 10; i++)
            Guess(guard, IPAddress.Parse("2001:db8:1:2:3::1"), Key(1000 + i));
        Assert.Equal(("2001:db8:1:2::/64", 5), told[^1]);
    }

    [Fact]
    public void Guesses_that_begin_alike_are_told_as_one()
    {
        (GuessGuard guard, _, Told told) = MakeTold();
        for (int i = 0; i < 200; i++)
            Guess(guard, new IPAddress([192, 0, 2, (byte)i]), "sho_abcd" + Key(i));
        Assert.Equal([(null, 50)], told);
    }

    [Fact]
    public void However_many_guess_the_journal_is_told_of_so_many()
    {
        (GuessGuard guard, SteppedTime time, Told told) = MakeTold(1);
        for (int i = 0; i < 3 * GuessGuard.MostTold; i++)
        {
            Guess(guard, new IPAddress(i), Key(i));
            Guess(guard, new IPAddress(i), Key(-i - 1));
        }
        Assert.Equal(GuessGuard.MostTold, told.Count);
        time.Step(GuessGuard.TellAgainAfter);
        Guess(guard, Here, Key(1));
        Guess(guard, Here, Key(2));
        Assert.Equal(("192.0.2.0/24", 1), told[^1]);
    }

    [Theory]
    [InlineData("10.1.2.3", "198.51.100.7", "198.51.100.7")]
    [InlineData("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7")]
    [InlineData("10.1.2.3", "203.0.113.9, 10.1.9.9", "203.0.113.9")]
    [InlineData("10.1.2.3", "", "10.1.2.3")]
    [InlineData("10.1.2.3", "nonsense", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7")]
    [InlineData("198.51.100.7", "10.1.2.3", "198.51.100.7")]
    public void A_trusted_proxy_alone_is_believed(string peer, string forwarded, string expected) => Assert.Equal(
        IPAddress.Parse(expected),
        new ClientAddress(Options.Create(new GatewayOptions { TrustedProxies = ["10.1.0.0/16"] })).Of(IPAddress.Parse(peer), forwarded));

    [Fact]
    public async Task Guessing_is_answered_with_429_and_a_right_key_from_there_is_let_in_all_the_same()
    {
        static HttpClient From(HttpClient client, string address = "192.0.2.77")
        {
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            return client;
        }
        HttpClient team = From((await gateway.TeamAsync()).Client);
        var said = new List<(HttpStatusCode Status, string Wait)>();
        for (int i = 0; i < 100; i++)
        {
            using HttpClient guesser = From(gateway.With(Key(i)));
            using HttpResponseMessage answer = await guesser.GetAsync("/v1/inbox?wait=0");
            said.Add((answer.StatusCode, answer.Headers.RetryAfter?.ToString() ?? ""));
        }
        Assert.Equal(HttpStatusCode.Unauthorized, said[0].Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, said[^1].Status);
        Assert.All(said, s => Assert.Equal(s.Status == HttpStatusCode.TooManyRequests, s.Wait.Length > 0));
        using HttpClient once = From(gateway.With("once-more-guessed")), elsewhere = From(gateway.With("once-more-guessed"), "192.0.2.78");
        await GatewayFixture.ProblemAsync(await once.GetAsync("/v1/inbox?wait=0"), 429, "too_many_wrong_keys");
        await GatewayFixture.ProblemAsync(await elsewhere.GetAsync("/v1/inbox?wait=0"), 401, "unauthorized");
        Assert.Equal(HttpStatusCode.OK, (await team.GetAsync("/v1/inbox?wait=0")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await From(gateway.Operator).GetAsync("/v1/tree")).StatusCode);
        // The journal is told, once, and of no address.
        await Eventually.UntilAsync(
            () => Task.FromResult(gateway.World.Guessing.Contains(("192.0.2.0/24", 30))), TimeSpan.FromSeconds(30), "the journal is told of guessing");
        Assert.Single(gateway.World.Guessing, told => told.Network == "192.0.2.0/24");
        // One that was never seen here, while they guess.
        HttpClient other = From((await gateway.TeamAsync()).Client);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/v1/inbox?wait=0")).StatusCode);
    }

    private sealed class Told : List<(string? Network, int WrongKeys)>, IGuessAlarm
    {
        public void Guessing(string? network, int wrongKeys) => Add((network, wrongKeys));
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => _now;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Step(TimeSpan by) => _now += by.Ticks;
    }
}
