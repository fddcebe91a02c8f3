using ShitOps.Kibana.Boards;
using ShitOps.Kibana.Model;

namespace ShitOps.Kibana.Tests;

/// <summary>One condition, in the language of panels and in that of rules.</summary>
public sealed class WhereTests
{
    private static void Is(Where where, string kql, string dsl)
    {
        Assert.Equal(kql, where.Kql);
        Assert.Equal(dsl, where.Dsl.ToJsonString());
    }

    [Fact]
    public void One_value() => Is(Where.Is(Fields.From, "dev"), "shitops.team.from: \"dev\"", """{"terms":{"shitops.team.from":["dev"]}}""");

    [Fact]
    public void One_of_several() => Is(Where.Is(Fields.From, "dev", "qa"), "shitops.team.from: (\"dev\" or \"qa\")", """{"terms":{"shitops.team.from":["dev","qa"]}}""");

    [Fact]
    public void Any_value() => Is(Where.Has(Fields.Held), "shitops.metrics.held: *", """{"exists":{"field":"shitops.metrics.held"}}""");

    [Fact]
    public void A_beginning_in_which_a_colon_is_no_grammar() =>
        Is(Where.Begins(Fields.To, "function:"), @"shitops.team.to: function\:*", """{"prefix":{"shitops.team.to":"function:"}}""");

    [Fact]
    public void Both_and_either() => Is(
        Where.Any(Where.Has(Fields.MessageId), Where.Has(Fields.Reference)).And(Where.Is(Fields.From, "dev")),
        "(shitops.message.id: * or shitops.reference: *) and shitops.team.from: \"dev\"",
        """
        {"bool":{"filter":[{"bool":{"should":[{"exists":{"field":"shitops.message.id"}},{"exists":{"field":"shitops.reference"}}],"minimum_should_match":1}},{"terms":{"shitops.team.from":["dev"]}}]}}
        """);
}
