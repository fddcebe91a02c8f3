using System.Text;

namespace ShitOps.Client.Tests.Library;

public sealed class WebhookVerifierTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Id = "msg_p5jXN8AQM9LWM0D4loKWxJek", Timestamp = "1614265330";

    // The example by which libraries of others are tested.
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Body = "{\"test\": 2432232314}";

    private sealed class At(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    private static bool IsGenuine(string id = Id, string timestamp = Timestamp, string signature = Signature, string body = Body, string secret = Secret, long after = 0) =>
        new WebhookVerifier(secret) { Time = new At(1614265330 + after) }.IsGenuine(id, timestamp, signature, Encoding.UTF8.GetBytes(body));

    [Fact]
    public void What_was_signed_by_the_secret_is_genuine_whatever_else_signed_it_too()
    {
        Assert.True(IsGenuine());
        Assert.True(IsGenuine(signature: "v1,AAAA v2,BBBB " + Signature));
        Assert.True(IsGenuine(after: 300));
        Assert.True(IsGenuine(after: -300));
    }

    [Fact]
    public void What_was_changed_recorded_or_signed_by_another_is_not()
    {
        Assert.False(IsGenuine(id: Id + "x"));
        Assert.False(IsGenuine(timestamp: "1614265331"));
        Assert.False(IsGenuine(timestamp: "soon"));
        Assert.False(IsGenuine(timestamp: "-1614265330"));
        Assert.False(IsGenuine(body: Body + " "));
        Assert.False(IsGenuine(signature: ""));
        Assert.False(IsGenuine(signature: Signature[3..]));
        Assert.False(IsGenuine(signature: "v2" + Signature[2..]));
        Assert.False(IsGenuine(secret: "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        Assert.False(IsGenuine(after: 301));
        Assert.False(IsGenuine(after: -301));
        Assert.Throws<FormatException>(() => new WebhookVerifier("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }
}
