using System.Text;
using ShitOps.Silo.Elastic;
using ShitOps.TestKit;
using ShitOps.TestKit.Elastic;

namespace ShitOps.Elastic.Tests.Sending;

public sealed class SenderTests
{
    private const string Stream = "logs-shitops.pipeline-default";
    private static readonly BulkPace Fast = new() { FirstPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromSeconds(5) };

    private static BulkDocument Document(int number, int padding = 0) => new($"1-1-{number}",
        Encoding.UTF8.GetBytes($$$"""{"@timestamp":"2026-11-23T10:00:00Z","event":{"sequence":{{{number}}},"reason":"{{{new string('x', padding)}}}"}}"""));

    private static BulkDocument[] Documents(int count, int padding = 0) => [.. Enumerable.Range(0, count).Select(i => Document(i, padding))];

    private static async Task<IReadOnlyList<RejectedDocument>> SendAsync(ElasticEndpoint endpoint, BulkDocument[] documents, BulkPace? pace = null)
    {
        using var http = new ElasticHttp(endpoint, (pace ?? Fast).Timeout);
        var sender = new BulkSender(http, Stream, pace ?? Fast, TimeProvider.System);
        var installer = new TemplateInstaller(http, Stream);
        Assert.Null(await installer.EnsureAsync(TestContext.Current.CancellationToken));
        IReadOnlyList<RejectedDocument> rejected = await sender.SendAsync(documents, _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        Assert.Null(sender.Trouble);
        return rejected;
    }

    private static void AssertWhole(ElasticServer server, BulkDocument[] documents)
    {
        string[] stored = [.. server.Documents(Stream).Select(d => d.Id)];
        Assert.Equal(stored.Length, stored.Distinct().Count());
        Assert.Equal(documents.Select(d => d.Id).Order(), stored.Order());
    }

    public static TheoryData<string> Faults => ["429", "503", "404", "403", "drop", "truncate", "items 429", "items 503", "items 403", "mixed"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_goes_wrong_for_a_while_loses_nothing_and_doubles_nothing(string fault)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        ElasticFault Items(int status) => new ElasticFault.Items(id => id.EndsWith('3'), status, "some_exception");
        ElasticFault[] faults = fault switch
        {
            "drop" => [new ElasticFault.Drop(), new ElasticFault.Drop()],
            "truncate" => [new ElasticFault.Truncate()],
            "mixed" => [new ElasticFault.Refuse(429, 0), Items(503), new ElasticFault.Truncate(), Items(429), new ElasticFault.Drop()],
            _ when fault.StartsWith("items ", StringComparison.Ordinal) => [Items(int.Parse(fault[6..])), Items(int.Parse(fault[6..]))],
            _ => [new ElasticFault.Refuse(int.Parse(fault)), new ElasticFault.Refuse(int.Parse(fault))],
        };
        server.Next(faults);
        BulkDocument[] documents = Documents(500);
        Assert.Empty(await SendAsync(new([server.Url]), documents));
        Assert.True(server.IsThrough);
        AssertWhole(server, documents);
    }

    [Fact]
    public async Task A_connection_that_ends_again_and_again_halves_the_request()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        server.Next(new ElasticFault.Drop(), new ElasticFault.Drop(), new ElasticFault.Drop());
        BulkDocument[] documents = Documents(10);
        Assert.Empty(await SendAsync(new([server.Url]), documents));
        Assert.Equal(5, server.Bulks);
        AssertWhole(server, documents);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_no_loss()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        var never = new TaskCompletionSource();
        server.Next(new ElasticFault.Stall(never.Task));
        BulkDocument[] documents = Documents(10);
        Assert.Empty(await SendAsync(new([server.Url]), documents, Fast with { Timeout = TimeSpan.FromMilliseconds(300) }));
        never.SetResult();
        AssertWhole(server, documents);
    }

    [Fact]
    public async Task A_document_that_does_not_fit_is_told_with_its_reason_and_holds_up_nothing()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        BulkDocument[] documents = Documents(10);
        documents[4] = new("bad", Encoding.UTF8.GetBytes("""{"@timestamp":"2026-11-23T10:00:00Z","unknown":1}"""));
        RejectedDocument rejected = Assert.Single(await SendAsync(new([server.Url]), documents));
        Assert.Equal(("bad", 400, "strict_dynamic_mapping_exception"), (rejected.Document.Id, rejected.Status, rejected.Type));
        Assert.Equal(9, server.Documents(Stream).Count);
    }

    [Fact]
    public async Task One_document_that_spoils_the_request_is_found()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        BulkDocument[] documents = Documents(9);
        documents[7] = documents[7] with { Id = new string('x', 513) };
        RejectedDocument rejected = Assert.Single(await SendAsync(new([server.Url]), documents));
        Assert.Same(documents[7], rejected.Document);
        Assert.Equal(8, server.Documents(Stream).Count);
    }

    [Fact]
    public async Task What_is_too_long_together_is_sent_in_parts_and_what_is_too_long_alone_is_told()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync(new() { MaxContentLength = 60_000 });
        BulkDocument[] documents = Documents(300, padding: 800);
        documents[100] = Document(100, padding: 70_000);
        RejectedDocument rejected = Assert.Single(await SendAsync(new([server.Url]), documents));
        Assert.Equal((413, "1-1-100"), (rejected.Status, rejected.Document.Id));
        AssertWhole(server, [.. documents.Where(d => d.Id != "1-1-100")]);
        Assert.Equal(documents.Where(d => d.Id != "1-1-100").Select(d => d.Id), server.Documents(Stream).Select(d => d.Id));
    }

    [Fact]
    public async Task Another_address_is_taken_when_one_does_not_answer()
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync();
        BulkDocument[] documents = Documents(10);
        Assert.Empty(await SendAsync(new([new Uri($"http://127.0.0.1:{Loopback.FreePort()}"), server.Url]), documents));
        AssertWhole(server, documents);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_TLS_with_the_authority_given_and_a_key_or_a_password(bool key)
    {
        await using ElasticServer server = await ElasticServer.StartNewAsync(new() { Tls = true, ApiKey = "a2V5", User = ("writer", "päss") });
        BulkDocument[] documents = Documents(10);
        Assert.Empty(await SendAsync(new([server.Url], key ? ElasticEndpoint.ApiKey("a2V5") : ElasticEndpoint.Basic("writer", "päss"), server.CaFile), documents));
        AssertWhole(server, documents);
        using var stranger = new ElasticHttp(new([server.Url], ElasticEndpoint.ApiKey("a2V5")), Fast.Timeout);
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.SendAsync(HttpMethod.Get, "", () => null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Pauses_double_up_to_the_longest_and_differ()
    {
        var pace = new BulkPace();
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 8).Select(n => pace.Pause(n, 0).TotalSeconds));
        Assert.Equal(60, pace.Pause(1000, 1).TotalSeconds);
    }
}
