using CsCheck;
using ShitOps.Hosting.Configuration;

namespace ShitOps.Hosting.Tests.Configuration;

public sealed class NearestTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("port", "prot", 2)]
    [InlineData("same", "same", 0)]
    public void Distance_counts_letters_to_insert_delete_or_replace(string a, string b, int distance) => Assert.Equal(distance, Nearest.Distance(a, b));

    [Fact]
    public void Distance_is_the_same_both_ways_and_bounded_by_the_longer_word() =>
        Gen.Select(Gen.String[0, 12], Gen.String[0, 12]).Sample((a, b) =>
            Nearest.Distance(a, b) == Nearest.Distance(b, a) && Nearest.Distance(a, b) <= Math.Max(a.Length, b.Length));
}
