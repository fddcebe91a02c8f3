using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace ShitOps.Hosting.Sealing;

/// <summary>The key ring's elements, one a row.</summary>
internal sealed class KeyRingRepository(IKeyRingRows rows) : IXmlRepository
{
    private static readonly Type Decryptor = typeof(KeyFileXmlDecryptor);

    public IReadOnlyCollection<XElement> GetAllElements() => [.. rows.ReadAll().Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName)
    {
        element = new XElement(element);
        // The stock text names the assembly's version, and an older program could not read what a newer one wrote.
        foreach (XElement wrapped in element.DescendantsAndSelf())
        {
            if (wrapped.Attribute("decryptorType") is { } type && type.Value == Decryptor.AssemblyQualifiedName)
                type.Value = $"{Decryptor.FullName}, {Decryptor.Assembly.GetName().Name}";
        }
        rows.Add(friendlyName, element.ToString(SaveOptions.DisableFormatting));
    }
}
