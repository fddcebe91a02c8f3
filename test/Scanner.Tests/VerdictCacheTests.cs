using System.Security.Cryptography;
using ShitOps.Grains;
using ShitOps.Grains.Scanning;

namespace ShitOps.Scanner.Tests;

public sealed class VerdictCacheTests
{
    private static VerdictKey Key(int i) => VerdictKey.OfMessage(BodyKind.Json, SHA256.HashData(BitConverter.GetBytes(i)), null);

    [Fact]
    public void It_stays_within_its_bound_and_keeps_the_newest()
    {
        var cache = new VerdictCache(1_600);
        for (int i = 0; i < 100_000; i++)
            cache.Add(Key(i), "v1");
        Assert.InRange(cache.Count, 400, 1_600);
        Assert.True(cache.Contains(Key(99_999), "v1"));
        Assert.False(cache.Contains(Key(0), "v1"));
    }

    [Fact]
    public void What_is_asked_for_again_stays()
    {
        var cache = new VerdictCache(1_600);
        cache.Add(Key(-1), "v1");
        for (int i = 0; i < 20_000; i++)
        {
            cache.Add(Key(i), "v1");
            Assert.True(cache.Contains(Key(-1), "v1"));
        }
    }

    [Fact]
    public void Another_version_is_no_verdict()
    {
        var cache = new VerdictCache();
        cache.Add(Key(1), "v1");
        Assert.False(cache.Contains(Key(1), "v2"));
        cache.Add(Key(1), "v2");
        Assert.False(cache.Contains(Key(1), "v1"));
        Assert.True(cache.Contains(Key(1), "v2"));
    }

    [Fact]
    public void Kind_subject_and_attachment_make_different_keys()
    {
        byte[] digest = SHA256.HashData("body"u8);
        VerdictKey[] keys =
        [
            VerdictKey.OfMessage(BodyKind.Json, digest, null),
            VerdictKey.OfMessage(BodyKind.Bytes, digest, null),
            VerdictKey.OfMessage(BodyKind.Json, digest, "a subject"),
            VerdictKey.OfMessage(BodyKind.Json, digest, new string('s', 5_000)),
            VerdictKey.OfAttachment(digest),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Many_threads_may_use_it_at_once()
    {
        var cache = new VerdictCache(10_000);
        Parallel.For(0, 50_000, i =>
        {
            cache.Add(Key(i % 1_000), "v1");
            Assert.True(cache.Contains(Key(i % 1_000), "v1"));
        });
    }
}
