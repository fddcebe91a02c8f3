using System.Text.Json.Nodes;

namespace ShitOps.Kibana.Model;

/// <summary>
/// Which documents are meant. Written once, it becomes KQL for panels and searches, and query DSL for alert
/// rules.
/// </summary>
internal abstract record Where
{
    public static Where Is(Field field, params string[] values) => new AnyOf(field, values);

    public static Where Begins(Field field, string with) => new StartsWith(field, with);

    public static Where Has(Field field) => new Exists(field);

    public static Where Any(params Where[] parts) => new OneOf(parts);

    public Where And(Where other) => new Both(this, other);

    public abstract string Kql { get; }

    /// <summary>A clause for a query's filter.</summary>
    public abstract JsonObject Dsl { get; }

    private sealed record AnyOf(Field Field, string[] Values) : Where
    {
        public override string Kql => Values.Length == 1
            ? $"{Field.Name}: {Quote(Values[0])}"
            : $"{Field.Name}: ({string.Join(" or ", Values.Select(Quote))})";

        public override JsonObject Dsl => new()
        {
            ["terms"] = new JsonObject { [Field.Name] = new JsonArray([.. Values.Select(v => (JsonNode)v)]) },
        };

        private static string Quote(string value) => $"\"{value}\"";
    }

    private sealed record StartsWith(Field Field, string With) : Where
    {
        public override string Kql => $"{Field.Name}: {With.Replace(":", "\\:", StringComparison.Ordinal)}*";

        public override JsonObject Dsl => new() { ["prefix"] = new JsonObject { [Field.Name] = With } };
    }

    private sealed record Exists(Field Field) : Where
    {
        public override string Kql => $"{Field.Name}: *";

        public override JsonObject Dsl => new() { ["exists"] = new JsonObject { ["field"] = Field.Name } };
    }

    private sealed record OneOf(Where[] Parts) : Where
    {
        public override string Kql => $"({string.Join(" or ", Parts.Select(p => p.Kql))})";

        public override JsonObject Dsl => new()
        {
            ["bool"] = new JsonObject { ["should"] = new JsonArray([.. Parts.Select(p => p.Dsl)]), ["minimum_should_match"] = 1 },
        };
    }

    private sealed record Both(Where Left, Where Right) : Where
    {
        public override string Kql => $"{Left.Kql} and {Right.Kql}";

        public override JsonObject Dsl => new() { ["bool"] = new JsonObject { ["filter"] = new JsonArray(Left.Dsl, Right.Dsl) } };
    }
}
