using System.Reflection;
using ShitOps.Grains;

namespace ShitOps.Architecture.Tests;

/// <summary>What crosses the wire must keep its name and its numbers for ever: names change in code, contracts do not.</summary>
public sealed class ContractTests
{
    private static readonly Assembly Contracts = typeof(INodeGrain).Assembly;

    private static readonly Type[] Serialized = [.. Contracts.GetTypes().Where(t => t.GetCustomAttribute<GenerateSerializerAttribute>() is not null)];

    private static readonly Type[] Interfaces = [.. Contracts.GetTypes().Where(t => t.IsInterface && typeof(IGrain).IsAssignableFrom(t))];

    [Fact]
    public void Every_contract_has_an_alias_of_its_own()
    {
        Assert.NotEmpty(Serialized);
        Assert.NotEmpty(Interfaces);
        Type[] all = [.. Serialized, .. Interfaces];
        Assert.All(all, type => Assert.StartsWith("sho.", Alias(type)));
        Assert.Equal(all.Length, all.Select(Alias).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_serialized_member_has_an_id_of_its_own() => Assert.All(Serialized, type =>
    {
        uint[] ids = [.. Members(type).Select(m => m.GetCustomAttribute<IdAttribute>()).OfType<IdAttribute>().Select(a => a.Id)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        PropertyInfo[] without = [.. Stored(type).Where(p => p.GetCustomAttribute<IdAttribute>() is null)];
        Assert.True(without.Length == 0, $"{type.Name}: no [Id] on {string.Join(", ", without.Select(p => p.Name))}");
    });

    [Fact]
    public void Every_grain_method_has_an_alias_of_its_own() => Assert.All(Interfaces, type =>
    {
        MethodInfo[] methods = type.GetMethods();
        Assert.NotEmpty(methods);
        Assert.All(methods, method => Assert.False(string.IsNullOrEmpty(Alias(method)), $"{type.Name}.{method.Name} has no [Alias]"));
        Assert.Equal(methods.Length, methods.Select(Alias).Distinct(StringComparer.Ordinal).Count());
    });

    [Fact]
    public void What_a_grain_method_takes_and_answers_can_be_serialized() => Assert.All(Interfaces.SelectMany(i => i.GetMethods()), method =>
    {
        foreach (Type type in method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType).SelectMany(Own))
            Assert.True(type.IsEnum || Serialized.Contains(type), $"{method.DeclaringType!.Name}.{method.Name} uses {type.Name}, which has no [GenerateSerializer]");
    });

    [Fact]
    public void No_member_of_an_enum_shares_its_number() => Assert.All(Contracts.GetTypes().Where(t => t.IsEnum && t.IsPublic), type =>
        Assert.Equal(Enum.GetNames(type).Length, Enum.GetValuesAsUnderlyingType(type).Cast<object>().Distinct().Count()));

    private static string? Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias;

    private static IEnumerable<MemberInfo> Members(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(m => m is PropertyInfo or FieldInfo);

    /// <summary>Properties with a field behind them: computed ones are not sent.</summary>
    private static IEnumerable<PropertyInfo> Stored(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(p => type.GetField($"<{p.Name}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance) is { } field
            && !field.IsDefined(typeof(NonSerializedAttribute)));

    private static IEnumerable<Type> Own(Type type) =>
        type.IsArray ? Own(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Own).Concat(type.Assembly == Contracts ? [type.GetGenericTypeDefinition()] : [])
        : type.Assembly == Contracts ? [type] : [];
}
