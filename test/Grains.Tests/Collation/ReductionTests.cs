using System.Text;
using ShitOps.Grains.Collation;

namespace ShitOps.Grains.Tests.Collation;

public sealed class ReductionTests
{
    private static Reduction Of(CollateKind kind, string? pointer = "/v") => new(new AskSpec(DateTimeOffset.UnixEpoch, null, kind, pointer));

    private static string? Found(CollateKind kind, string pointer, string body) => Text(Of(kind, pointer).Find(BodyKind.Json, Encoding.UTF8.GetBytes(body)));

    private static string? Text(Reduced? value) => value is null ? null : Encoding.UTF8.GetString(value.ToJson());

    /// <summary>Every value passes through its JSON text on the way up, as between two nodes.</summary>
    private static string? Merged(CollateKind kind, params string[] values)
    {
        Reduction reduction = Of(kind);
        Reduced? all = null;
        foreach (string value in values)
        {
            all = reduction.Merge(all, reduction.Find(BodyKind.Json, Encoding.UTF8.GetBytes($"{{\"v\":{value}}}")));
            all = all is null ? null : Reduced.Parse(all.ToJson());
        }
        return Text(all);
    }

    /// <summary>The document and the pointers of RFC 6901, section 5.</summary>
    [Theory]
    [InlineData("/foo/0", "bar")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/e^f", "3")]
    [InlineData("/g|h", "4")]
    [InlineData("/i\\j", "5")]
    [InlineData("/k\"l", "6")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    public void Pointers_find_what_the_rfc_says(string at, string expected) => Assert.Equal(
        $"{{\"{expected}\":1}}",
        Found(CollateKind.Tally, at, """{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"""));

    [Theory]
    [InlineData("/list/1/~01", "9")]
    [InlineData("/list/0", "7")]
    [InlineData("/list/2", null)]
    [InlineData("/list/-", null)]
    [InlineData("/list/00", null)]
    [InlineData("/list/+0", null)]
    [InlineData("/list/99999999999", null)]
    [InlineData("/list/0/x", null)]
    [InlineData("/list", null)]
    [InlineData("/none", null)]
    [InlineData("list/0", null)]
    [InlineData("/~", null)]
    [InlineData("/~2", null)]
    [InlineData("", null)]
    public void A_pointer_finds_its_number_or_nothing(string at, string? expected) =>
        Assert.Equal(expected, Found(CollateKind.Sum, at, """{"list":[7,{"~1":9}],"~":1,"~2":2}"""));

    [Fact]
    public void The_empty_pointer_means_the_whole_reply() => Assert.Equal("12.5", Found(CollateKind.Max, "", "12.50"));

    [Theory]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("null", "null")]
    [InlineData("\"yes\"", "yes")]
    [InlineData("\"\"", "")]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("-0", "0")]
    [InlineData("1e300", "1E\\u002B300")]
    [InlineData("{}", null)]
    [InlineData("[]", null)]
    [InlineData("\"\\ud800\"", null)]
    public void A_tally_counts_texts_booleans_null_and_numbers(string value, string? text) =>
        Assert.Equal(text is null ? null : $"{{\"{text}\":1}}", Found(CollateKind.Tally, "/v", $"{{\"v\":{value}}}"));

    [Fact]
    public void A_tally_carries_no_long_texts()
    {
        string longest = new('x', Reduction.TallyTextLength);
        Assert.Equal($"{{\"{longest}\":1}}", Found(CollateKind.Tally, "/v", $"{{\"v\":\"{longest}\"}}"));
        Assert.Null(Found(CollateKind.Tally, "/v", $"{{\"v\":\"{longest}x\"}}"));
    }

    [Fact]
    public void Tallies_of_mixed_types_add_up_in_ordinal_order() =>
        Assert.Equal("""{"1":2,"B":1,"a":1,"true":2}""", Merged(CollateKind.Tally, "\"a\"", "true", "1", "\"B\"", "1.0", "\"true\"", "[3]"));

    [Theory]
    [InlineData(CollateKind.Sum, "0.3", "0.1", "0.2")]
    [InlineData(CollateKind.Sum, "3", "1.50", "1.5")]
    [InlineData(CollateKind.Sum, "5", "\"4\"", "5", "true", "null")]
    [InlineData(CollateKind.Sum, "79228162514264337593543950335", "79228162514264337593543950334", "1")]
    [InlineData(CollateKind.Sum, "7.922816251426434E+28", "79228162514264337593543950335", "1")]
    [InlineData(CollateKind.Sum, "1E+300", "1e300", "1")]
    [InlineData(CollateKind.Sum, "1E-300", "1e-300")]
    [InlineData(CollateKind.Sum, "1.7976931348623157E+308", "1.7e308", "1.7e308")]
    [InlineData(CollateKind.Sum, "-1.7976931348623157E+308", "-1.7e308", "-1.7e308")]
    [InlineData(CollateKind.Sum, "1", "1e400", "1")]
    [InlineData(CollateKind.Min, "-3", "2", "-3", "1e30")]
    [InlineData(CollateKind.Min, "-1E+30", "2", "-1e30", "-3")]
    [InlineData(CollateKind.Max, "1E+30", "2", "-3", "1e30")]
    [InlineData(CollateKind.Max, "0.2", "0.1", "0.20", "\"9\"")]
    public void Numbers_are_reduced_exactly_where_a_decimal_can_hold_them(CollateKind kind, string expected, params string[] values) =>
        Assert.Equal(expected, Merged(kind, values));

    [Fact]
    public void Without_a_usable_value_there_is_no_result() => Assert.Null(Merged(CollateKind.Sum, "\"x\"", "null", "{}"));

    [Fact]
    public void Bytes_and_broken_json_match_nothing()
    {
        Reduction reduction = Of(CollateKind.Tally);
        Assert.Null(reduction.Find(BodyKind.Bytes, """{"v":1}"""u8.ToArray()));
        Assert.Null(reduction.Find(BodyKind.Json, """{"v":1"""u8.ToArray()));
        Assert.Null(reduction.Find(BodyKind.Json, """{"\ud800":2,"v":[]}"""u8.ToArray()));
        Assert.Null(Of(CollateKind.Tally, "/\ud800").Find(BodyKind.Json, """{"v":1}"""u8.ToArray()));
        Assert.Null(Of(CollateKind.List, null).Find(BodyKind.Json, """{"v":1}"""u8.ToArray()));
    }
}
