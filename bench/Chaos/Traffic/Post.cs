using System.Globalization;
using System.Text;
using System.Text.Json;
using ShitOps.Client;
using ShitOps.TestKit.Clamd;

namespace ShitOps.Chaos.Traffic;

internal enum Content { Clean, Infected, Unscannable }

/// <summary>One message to be posted, known by its sender and number.</summary>
/// <param name="To">As the API takes it: a team, a function, all.</param>
/// <param name="Recipients">The teams that must get it, if it is clean.</param>
/// <param name="Lane">Messages of one sender, recipient and lane come in order; null: no order is promised (priority, delivery later).</param>
internal sealed record Post(string Sender, int Number, string To, IReadOnlyList<string> Recipients, string? Lane, Content Content, int Fill)
{
    public string? OrderingKey { get; init; }
    public string? Priority { get; init; }
    /// <summary>When it may be delivered, since the traffic began; null: at once.</summary>
    public TimeSpan? DeliverAt { get; init; }

    /// <summary>What a body carries and nothing else: found in a dump or a log, it is a leak.</summary>
    public const string Mark = "chaos-plain-";

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Sender}-{Number}");

    /// <summary>JSON text. The same post has the same body, always.</summary>
    public string Body(int seed)
    {
        var random = new Random(HashCodeOf(seed));
        string fill = string.Create(Fill, random, (text, r) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = (char)('a' + r.Next(26));
        });
        string extra = Content switch
        {
            Content.Infected => $",\"payload\":{JsonSerializer.Serialize(Eicar.Text)}",
            Content.Unscannable => $",\"payload\":\"{Convert.ToBase64String(Eicar.EncryptedZip)}\"",
            _ => "",
        };
        return $"{{\"name\":\"{Name}\",\"mark\":\"{Mark}{seed}-{Name}\",\"fill\":\"{fill}\"{extra}}}";
    }

    private int HashCodeOf(int seed) => BitConverter.ToInt32(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes($"{seed}/{Name}")));

    /// <param name="began">When the traffic began: a repeat asks for the same time as the first attempt.</param>
    public NewMessage ToMessage(int seed, DateTimeOffset began) => new(To)
    {
        Body = Json.Raw(Body(seed)),
        OrderingKey = OrderingKey,
        Priority = Priority,
        DeliverAt = began + DeliverAt,
        IdempotencyKey = $"{seed}-{Name}",
    };
}
