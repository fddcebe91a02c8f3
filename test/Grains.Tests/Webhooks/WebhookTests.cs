using System.Text;
using System.Text.Json;
using ShitOps.Grains.Nodes;
using ShitOps.Grains.Storage;
using ShitOps.Grains.Webhooks;

namespace ShitOps.Grains.Tests.Webhooks;

public sealed class WebhookTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly TeamKey Team = new("main", "qa-web");

    private static PutWebhook Command(string url, bool rotate = false) => new(url, Guid.CreateVersion7(), [1, 2, 3], rotate, "team:qa-web");

    private static (WebhookRow Row, PutWebhookStatus Status) Of(WebhookRow? old, PutWebhook command, DateTimeOffset? now = null) =>
        WebhookChange.Of(old, command, Team, Now, now ?? Now, TimeSpan.FromHours(24));

    // The example by which libraries of others are tested.
    [Fact]
    public void A_signature_is_what_others_expect() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8, [Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]));

    [Fact]
    public void Each_secret_signs_apart_by_a_space()
    {
        byte[] first = [1], second = [2];
        string both = WebhookSignature.Of("i", 1, "b"u8, [first, second]);
        Assert.Equal($"{WebhookSignature.Of("i", 1, "b"u8, [first])} {WebhookSignature.Of("i", 1, "b"u8, [second])}", both);
    }

    [Fact]
    public void A_secret_stays_with_another_address_and_signs_on_for_a_day_when_it_is_replaced()
    {
        (WebhookRow made, PutWebhookStatus status) = Of(null, Command("https://a.example/"));
        Assert.Equal((PutWebhookStatus.Created, (SealedSecret?)null), (status, made.Previous));
        (WebhookRow moved, status) = Of(made with { Disabled = "gone" }, Command("https://b.example/"), Now.AddHours(1));
        Assert.Equal((PutWebhookStatus.Changed, made.Secret, null, "https://b.example/"), (status, moved.Secret, moved.Disabled, moved.Url));
        PutWebhook rotate = Command("https://b.example/", rotate: true);
        (WebhookRow rotated, status) = Of(moved, rotate, Now.AddHours(2));
        Assert.Equal(
            (PutWebhookStatus.Rotated, rotate.SecretId, made.Secret, Now.AddHours(26)), (status, rotated.Secret.Id, rotated.Previous, rotated.PreviousUntil));
        Assert.Equal((Now, Now.AddHours(2), made.Version + 2), (rotated.CreatedAt, rotated.ChangedAt, rotated.Version));
    }

    [Theory]
    [InlineData("https://hooks.example.org/T0/secret?token=1", "https://hooks.example.org")]
    [InlineData("https://hooks.example.org:8443/", "https://hooks.example.org:8443")]
    public void What_is_told_of_an_address_holds_neither_path_nor_query(string url, string origin) => Assert.Equal(origin, WebhookChange.Origin(url));

    [Fact]
    public void Pauses_grow_to_the_longest_and_at_least_half_of_each_is_waited()
    {
        TimeSpan first = TimeSpan.FromSeconds(5), longest = TimeSpan.FromHours(12);
        Assert.Equal(first, Backoff.After(1, 1, first, 5, longest));
        Assert.Equal(first / 2, Backoff.After(1, 0, first, 5, longest));
        Assert.Equal(TimeSpan.FromSeconds(625), Backoff.After(4, 1, first, 5, longest));
        Assert.Equal(longest, Backoff.After(7, 1, first, 5, longest));
        TimeSpan all = Enumerable.Range(1, Limits.DeliveryAttempts - 1).Aggregate(TimeSpan.Zero, (sum, n) => sum + Backoff.After(n, 1, first, 5, longest));
        Assert.InRange(all, TimeSpan.FromHours(17), TimeSpan.FromHours(18));
    }

    [Fact]
    public void What_is_pushed_is_the_delivery_of_the_inbox_with_its_body_byte_for_byte()
    {
        Delivery delivery = new()
        {
            Id = Guid.CreateVersion7(),
            Attempt = 3,
            LeasedUntil = Now,
            Kind = MessageKind.Message,
            From = "dev",
            ContentType = "application/json",
            SealedBody = [],
            AcceptedAt = Now,
        };
        byte[] pushed = WebhookEvent.Of(delivery, "{ \"a\" : 1.0 }"u8).ToArray();
        JsonElement json = JsonElement.Parse(pushed);
        Assert.Equal("inbox.delivery", json.GetProperty("type").GetString());
        Assert.Equal(Now, json.GetProperty("timestamp").GetDateTimeOffset());
        Assert.Equal((delivery.Id, 3), (json.GetProperty("data").GetProperty("deliveryId").GetGuid(), json.GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Contains("{ \"a\" : 1.0 }", Encoding.UTF8.GetString(pushed), StringComparison.Ordinal);
        Assert.NotEqual(WebhookEvent.IdOf(delivery.Id, "dev"), WebhookEvent.IdOf(delivery.Id, "qa-web"));
        Assert.DoesNotContain('.', WebhookEvent.IdOf(delivery.Id, "qa-web"));
    }
}
