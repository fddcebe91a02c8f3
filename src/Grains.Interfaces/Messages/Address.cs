namespace ShitOps.Grains;

public enum AddressKind : byte { Team = 0, Function = 1, Below = 2, All = 3 }

/// <summary>
/// To whom a message goes: a team (<c>qa-web</c>), every team of a function (<c>function:QA</c>), every team in the
/// subtree of a team's node (<c>below:platform</c>), or <c>all</c>. The sender is never among the recipients.
/// </summary>
public readonly record struct Address(AddressKind Kind, string Name)
{
    private const string FunctionPrefix = "function:", BelowPrefix = "below:", AllWord = "all";

    public bool IsTeam => Kind == AddressKind.Team;

    public override string ToString() => Kind switch
    {
        AddressKind.Function => FunctionPrefix + Name,
        AddressKind.Below => BelowPrefix + Name,
        AddressKind.All => AllWord,
        _ => Name,
    };

    public static bool TryParse(string text, out Address address)
    {
        if (text == AllWord)
            address = new Address(AddressKind.All, "");
        else if (text.StartsWith(FunctionPrefix, StringComparison.Ordinal))
            address = new Address(AddressKind.Function, text[FunctionPrefix.Length..]);
        else if (text.StartsWith(BelowPrefix, StringComparison.Ordinal))
            address = new Address(AddressKind.Below, text[BelowPrefix.Length..]);
        else
            address = new Address(AddressKind.Team, text);
        return address.Kind switch
        {
            AddressKind.All => true,
            AddressKind.Function => address.Name.Length is > 0 and <= Limits.FunctionLength,
            _ => TeamKey.IsName(address.Name),
        };
    }
}
