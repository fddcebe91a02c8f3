using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ShitOps.Hosting.Configuration;

/// <summary>
/// Reads one section of the configuration into a settings class and tells every fault it finds: a key that the class
/// does not have, a text that is not a value of the property's type, and whatever the class's own attributes and
/// <see cref="IValidatableObject"/> object to. It never throws for what stands in the configuration.
/// </summary>
internal static class SettingsReader
{
    public static void Read(object target, IConfigurationSection section, bool strict, List<string> faults)
    {
        Dictionary<string, PropertyInfo> properties = Settable(target.GetType());
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out PropertyInfo? property))
            {
                string? near = Nearest.To(child.Key, properties.Keys, closeOnly: !strict);
                if (near is not null)
                    faults.Add($"{child.Path}: there is no such key; did you mean {section.Path}:{near}?");
                else if (strict)
                    faults.Add($"{child.Path}: there is no such key; there are {string.Join(", ", properties.Keys)}");
                continue;
            }
            Assign(target, property, child, faults);
        }
    }

    public static void Validate(object target, string section, IServiceProvider? services, List<string> faults)
    {
        var results = new List<ValidationResult>();
        var context = new ValidationContext(target, services, items: null);
        bool attributesHold = Validator.TryValidateObject(target, context, results, validateAllProperties: true);
        // TryValidateObject skips IValidatableObject when an attribute fails; every fault is to be named at once.
        if (!attributesHold && target is IValidatableObject self)
            results.AddRange(self.Validate(context).Where(r => !results.Any(known => known.ErrorMessage == r.ErrorMessage)));
        foreach (ValidationResult result in results)
        {
            string key = result.MemberNames.FirstOrDefault() is { } member ? $"{section}:{member}" : section;
            faults.Add($"{key}: {result.ErrorMessage}");
        }
    }

    internal static Dictionary<string, PropertyInfo> Settable(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.SetMethod is { IsPublic: true })
        .ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    private static void Assign(object target, PropertyInfo property, IConfigurationSection section, List<string> faults)
    {
        if (property.PropertyType == typeof(string[]))
        {
            // A list, or the one value of a list of one.
            property.SetValue(target, section.Value is { Length: > 0 } single ? [single] : section.GetChildren().Select(c => c.Value ?? "").ToArray());
            return;
        }
        if (section.GetChildren().Any())
        {
            faults.Add($"{section.Path}: holds keys of its own where {Describe(property.PropertyType)} is expected");
            return;
        }
        // An empty text means what an absent key means: the default.
        if (section.Value is not { Length: > 0 } text)
            return;
        try
        {
            property.SetValue(target, Convert(text, property.PropertyType));
        }
        catch (Exception error) when (error is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            faults.Add($"{section.Path}: '{text}' is not {Describe(property.PropertyType)}");
        }
    }

    private static object? Convert(string text, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return text;
        if (type == typeof(Uri))
            return new Uri(text, UriKind.Absolute);
        return TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text);
    }

    private static string Describe(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? "a duration ([days.]hours:minutes:seconds)"
            : type == typeof(Uri) ? "an absolute address (scheme://host)"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : "a text";
    }
}
