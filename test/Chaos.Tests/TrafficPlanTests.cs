using System.Text.Json;
using ShitOps.Chaos.Traffic;

namespace ShitOps.Chaos.Tests;

public sealed class TrafficPlanTests
{
    private const int Teams = 10, Messages = 2_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);

    [Fact]
    public void A_seed_gives_the_same_messages()
    {
        Assert.Equal(Text(7), Text(7));
        Assert.NotEqual(Text(7), Text(8));
    }

    [Fact]
    public void As_many_messages_are_planned_as_were_asked_for_each_with_a_name_of_its_own()
    {
        Post[] posts = Posts(1);
        Assert.Equal(Messages, posts.Length);
        Assert.Equal(Messages, posts.Select(p => p.Name).Distinct().Count());
    }

    [Fact]
    public void Nobody_sends_to_itself_and_everybody_is_a_recipient()
    {
        Post[] posts = Posts(1);
        Assert.All(posts, post => Assert.DoesNotContain(post.Sender, post.Recipients));
        Assert.All(posts, post => Assert.NotEmpty(post.Recipients));
        Assert.Equal(Teams, posts.SelectMany(p => p.Recipients).Distinct().Count());
    }

    [Fact]
    public void All_kinds_of_content_and_of_address_are_among_them()
    {
        Post[] posts = Posts(1);
        Assert.Equal(3, posts.Select(p => p.Content).Distinct().Count());
        Assert.Contains(posts, p => p.To == "all");
        Assert.Contains(posts, p => p.To.StartsWith("function:", StringComparison.Ordinal));
        Assert.Contains(posts, p => p.DeliverAt is not null);
        Assert.Contains(posts, p => p.Priority is not null);
    }

    [Fact]
    public void A_body_is_JSON_with_its_name_and_its_mark() => Assert.All(Posts(3), post =>
    {
        JsonElement body = JsonSerializer.Deserialize<JsonElement>(post.Body(3));
        Assert.Equal(post.Name, body.GetProperty("name").GetString());
        Assert.StartsWith(Post.Mark, body.GetProperty("mark").GetString(), StringComparison.Ordinal);
    });

    private static Post[] Posts(int seed) => [.. TrafficPlan.Create(seed, Teams, Messages, Window).Values.SelectMany(r => r).SelectMany(r => r.Posts)];

    private static string Text(int seed) => string.Join('\n', TrafficPlan.Create(seed, Teams, Messages, Window)
        .SelectMany(team => team.Value.SelectMany(r => r.Posts.Select(p => $"{r.At} {p.Name} {p.To} {p.Lane} {p.Content} {p.DeliverAt} {p.Body(seed)}"))));
}
