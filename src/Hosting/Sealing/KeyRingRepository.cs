using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace ShitOps.Hosting.Sealing;

/// <summary>The key ring's elements, one a row.</summary>
internal sealed class KeyRingRepository(IKeyRingRows rows) : IXmlRepository
{
    private static readonly Type Decryptor = typeof(KeyFileXmlDecryptor);

    public IReadOnlyCollection<XElement> GetAllElements() => [.. Reach(rows.ReadAll).Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName)
    {
        element = new XElement(element);
        // The stock text names the assembly's version, and an older program could not read what a newer one wrote.
        foreach (XElement wrapped in element.DescendantsAndSelf())
        {
            if (wrapped.Attribute("decryptorType") is { } type && type.Value == Decryptor.AssemblyQualifiedName)
                type.Value = $"{Decryptor.FullName}, {Decryptor.Assembly.GetName().Name}";
        }
        Reach(() =>
        {
            rows.Add(friendlyName, element.ToString(SaveOptions.DisableFormatting));
            return true;
        });
    }

    private static T Reach<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error)
        {
            throw new KeyRingAwayException($"The key ring cannot be reached: {error.Message}", error);
        }
    }
}
