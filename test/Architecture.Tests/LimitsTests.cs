using ShitOps.Grains;

namespace ShitOps.Architecture.Tests;

/// <summary>The relations between the bounds of <see cref="Limits"/>: whoever moves one is told which others it leans on.</summary>
public sealed class LimitsTests
{
    /// <summary>Orleans' MaxMessageBodySize as we leave it.</summary>
    private const int GrainCallBytes = 100 * 1024 * 1024;

    /// <summary>4 characters for 3 bytes.</summary>
    private static int Base64(int bytes) => (bytes + 2) / 3 * 4;

    [Fact]
    public void The_largest_body_fits_into_a_request_also_in_base64()
    {
        const int fields = Limits.SubjectLength + Limits.OrderingKeyLength + Limits.CorrelationIdLength + Limits.ContentTypeLength
            + Limits.IdempotencyKeyLength + Limits.AttachmentsPerMessage * 40;
        // A character is 6 bytes at most, as an escape \uXXXX.
        Assert.True(Base64(Limits.BodyBytes) + fields * 6 <= Limits.RequestBytes);
    }

    [Fact]
    public void A_bulk_request_fits_into_one_grain_call()
    {
        Assert.True(Limits.BulkLines <= Limits.AcceptBatch);
        Assert.True(Limits.RequestBytes <= Limits.BulkBytes);
        Assert.True(Limits.BulkBytes < GrainCallBytes);
    }

    [Fact]
    public void An_attachment_is_many_chunks_and_one_chunk_is_no_more_than_a_body()
    {
        Assert.True(Limits.AttachmentChunkBytes <= Limits.BodyBytes);
        Assert.Equal(0, Limits.AttachmentBytes % Limits.AttachmentChunkBytes);
    }

    [Fact]
    public void The_pump_finds_what_it_takes_in_memory_and_memory_holds_a_part_of_the_outbox()
    {
        Assert.True(Limits.PumpBatch <= Limits.OutboxWindow);
        Assert.True(Limits.AcceptBatch <= Limits.OutboxWindow);
        Assert.True(Limits.OutboxWindow <= Limits.OutboxCapacity);
    }

    [Fact]
    public void One_lease_is_within_what_a_team_may_hold() => Assert.True(Limits.LeaseBatch <= Limits.LeasedDeliveries);

    [Fact]
    public void A_page_is_no_larger_than_the_largest() => Assert.True(Limits.PageSize <= Limits.MaxPageSize);

    [Fact]
    public void No_grain_method_gives_up_before_the_wait_it_allows()
    {
        Assert.True(Limits.MaxLeaseWait < Timeout<ITeamGrain>(nameof(ITeamGrain.Lease)));
        Assert.True(Limits.MaxPreferWait < Timeout<INodeGrain>(nameof(INodeGrain.WaitUntilSettled)));
        Assert.True(Timeout<INodeGrain>(nameof(INodeGrain.Ping)) < Timeout<INodeGrain>(nameof(INodeGrain.Forward)));
    }

    [Fact]
    public void A_message_lives_longer_than_the_memory_of_its_idempotency_key() => Assert.True(Limits.IdempotencyWindow < Limits.MaxTimeToLive);

    private static TimeSpan Timeout<T>(string method) => typeof(T).GetMethod(method)!
        .CustomAttributes.Where(a => a.AttributeType.Name == "ResponseTimeoutAttribute")
        .Select(a => TimeSpan.Parse((string)a.ConstructorArguments[0].Value!, System.Globalization.CultureInfo.InvariantCulture))
        .Single();
}
