using System.Text.Json;

namespace ShitOps.Client.Tests.Description;

/// <summary>
/// What of one OpenAPI 3.1 document a client of an earlier one would stumble over. Requests may become wider and never
/// narrower, answers may gain fields and never lose them. Pure.
/// </summary>
internal sealed class BreakingChanges
{
    /// <summary>Values of these bound what may be sent: a new or another one may refuse what was taken.</summary>
    private static readonly string[] Bounds = ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "const", "format"];

    private readonly JsonElement _old, _new;
    private readonly List<string> _found = [];
    private readonly HashSet<(string, string, bool)> _compared = [];

    private BreakingChanges(JsonElement old, JsonElement @new) => (_old, _new) = (old, @new);

    /// <returns>One line each; empty when nothing breaks.</returns>
    public static IReadOnlyList<string> Between(JsonElement old, JsonElement @new)
    {
        var changes = new BreakingChanges(old, @new);
        changes.Paths();
        return changes._found;
    }

    private void Paths()
    {
        foreach (JsonProperty path in _old.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty call in path.Value.EnumerateObject())
            {
                string name = $"{call.Name} {path.Name}";
                if (Child(_new, "paths", path.Name, call.Name) is { } now)
                    Operation(name, call.Value, now);
                else
                    _found.Add($"{name}: removed");
            }
        }
    }

    private void Operation(string name, JsonElement old, JsonElement now)
    {
        if (Child(old, "security") is null or { ValueKind: JsonValueKind.Array } && Items(old, "security").Length == 0 && Items(now, "security").Length > 0)
            _found.Add($"{name}: needs a key now");
        JsonElement[] parameters = Items(now, "parameters");
        foreach (JsonElement parameter in Items(old, "parameters"))
        {
            if (!parameters.Any(p => Key(p) == Key(parameter)))
                _found.Add($"{name}: parameter {Key(parameter)} removed");
        }
        foreach (JsonElement parameter in parameters)
        {
            JsonElement before = Items(old, "parameters").FirstOrDefault(p => Key(p) == Key(parameter));
            if (IsTrue(parameter, "required") && (before.ValueKind == JsonValueKind.Undefined || !IsTrue(before, "required")))
                _found.Add($"{name}: parameter {Key(parameter)} is required now");
            else if (before.ValueKind != JsonValueKind.Undefined)
                Schema($"{name} parameter {Key(parameter)}", Child(before, "schema"), Child(parameter, "schema"), sent: true);
        }
        Body(name, Child(old, "requestBody"), Child(now, "requestBody"));
        foreach (JsonProperty answer in old.GetProperty("responses").EnumerateObject())
        {
            string at = $"{name} → {answer.Name}";
            if (Child(now, "responses", answer.Name) is { } same)
                Contents(at, answer.Value, same, sent: false);
            else if (answer.Name[0] == '2')
                _found.Add($"{at}: removed");
        }
    }

    private void Body(string name, JsonElement? old, JsonElement? now)
    {
        if (now is { } body && IsTrue(body, "required") && (old is null || !IsTrue(old.Value, "required")))
            _found.Add($"{name}: a body is required now");
        if (old is { } before && now is { } after)
            Contents(name, before, after, sent: true);
        else if (old is not null)
            _found.Add($"{name}: takes no body any more");
    }

    private void Contents(string name, JsonElement old, JsonElement now, bool sent)
    {
        if (Child(old, "content") is not { } contents)
            return;
        foreach (JsonProperty content in contents.EnumerateObject())
        {
            if (Child(now, "content", content.Name) is { } same)
                Schema(name, Child(content.Value, "schema"), Child(same, "schema"), sent);
            else
                _found.Add($"{name}: {content.Name} removed");
        }
    }

    private void Schema(string at, JsonElement? oldOrNone, JsonElement? nowOrNone, bool sent)
    {
        if (oldOrNone is not { } oldReference || nowOrNone is not { } nowReference || !_compared.Add((oldReference.GetRawText(), nowReference.GetRawText(), sent)))
            return;
        (string oldName, JsonElement old) = Resolve(_old, oldReference);
        (_, JsonElement now) = Resolve(_new, nowReference);
        string name = oldName.Length > 0 ? $"{oldName} ({(sent ? "sent" : "answered")})" : at;
        Types(name, old, now, sent);
        if (sent)
        {
            foreach (string bound in Bounds.Where(b => Child(now, b) is { } value && Child(old, b)?.GetRawText() != value.GetRawText()))
                _found.Add($"{name}: {bound} is {Child(now, bound)} now");
        }
        string[] oldWords = Words(old, "enum"), newWords = Words(now, "enum");
        if (sent && newWords.Length > 0 && (oldWords.Length == 0 || oldWords.Except(newWords).Any()))
            _found.Add($"{name}: takes only {string.Join(", ", newWords)} now");
        string[] oldRequired = Words(old, "required"), newRequired = Words(now, "required");
        foreach (string field in sent ? newRequired.Except(oldRequired) : oldRequired.Except(newRequired))
            _found.Add(sent ? $"{name}.{field}: is required now" : $"{name}.{field}: may be absent now");
        if (Child(old, "properties") is { } properties)
        {
            foreach (JsonProperty field in properties.EnumerateObject())
            {
                if (Child(now, "properties", field.Name) is { } same)
                    Schema($"{name}.{field.Name}", field.Value, same, sent);
                else
                    _found.Add($"{name}.{field.Name}: removed");
            }
        }
        Schema(at + "[]", Child(old, "items"), Child(now, "items"), sent);
        Schema(at + "{}", Child(old, "additionalProperties"), Child(now, "additionalProperties"), sent);
        Alternatives(name, old, now, sent);
    }

    private void Types(string name, JsonElement old, JsonElement now, bool sent)
    {
        string[] before = Words(old, "type"), after = Words(now, "type");
        // No type is any type.
        bool narrower = after.Length > 0 && (before.Length == 0 || before.Except(after).Any()), wider = before.Length > 0 && (after.Length == 0 || after.Except(before).Any());
        if (sent ? narrower : wider)
            _found.Add($"{name}: was {Told(before)}, is {Told(after)}");
    }

    /// <summary>Compared in order: they are few, and mostly "null or this".</summary>
    private void Alternatives(string name, JsonElement old, JsonElement now, bool sent)
    {
        foreach (string kind in (string[])["oneOf", "anyOf", "allOf"])
        {
            JsonElement[] before = Items(old, kind), after = Items(now, kind);
            if (before.Length != after.Length && (sent ? after.Length < before.Length || before.Length == 0 : after.Length > before.Length))
                _found.Add($"{name}: {before.Length} {kind} became {after.Length}");
            for (int i = 0; i < Math.Min(before.Length, after.Length); i++)
                Schema($"{name} {kind}/{i}", before[i], after[i], sent);
        }
    }

    private static (string Name, JsonElement Schema) Resolve(JsonElement document, JsonElement schema)
    {
        string name = "";
        while (Child(schema, "$ref")?.GetString() is { } reference)
        {
            name = reference.Split('/')[^1];
            schema = Child(document, reference.Split('/').AsSpan(1)) ?? throw new InvalidDataException($"{reference} leads nowhere");
        }
        return (name, schema);
    }

    private static string Key(JsonElement parameter) => $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()}";

    private static string Told(string[] types) => types.Length == 0 ? "anything" : string.Join(" or ", types);

    private static bool IsTrue(JsonElement of, string name) => Child(of, name) is { ValueKind: JsonValueKind.True };

    private static JsonElement[] Items(JsonElement of, string name) => Child(of, name) is { ValueKind: JsonValueKind.Array } items ? [.. items.EnumerateArray()] : [];

    private static string[] Words(JsonElement of, string name) => Child(of, name) switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(word => word.ToString())],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        _ => [],
    };

    private static JsonElement? Child(JsonElement of, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out of))
                return null;
        }
        return of;
    }
}
