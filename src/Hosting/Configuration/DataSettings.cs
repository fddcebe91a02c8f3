using System.ComponentModel.DataAnnotations;

namespace ShitOps.Hosting.Configuration;

/// <summary>Section <c>Data</c>: where the one-process form keeps its files.</summary>
public sealed class DataSettings : IValidatableObject
{
    public const string Section = "Data";

    /// <summary>Folder of the SQLite file and the key file; made if it is not there.</summary>
    public string Path { get; set; } = "./data";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (File.Exists(Path))
            yield return new($"'{Path}' is a file, not a folder", [nameof(Path)]);
    }
}
