using System.Globalization;

namespace ShitOps.Silo.Elastic;

/// <summary>Where an event stands in the journal: writer, number of the row, place in it.</summary>
/// <param name="Born">When the writer was registered, Unix milliseconds: a database made anew counts its writers anew, and its events are others.</param>
internal readonly record struct EventPlace(int Writer, long Number, int Index, long Born)
{
    /// <summary>As the API names it: unique within the database.</summary>
    public string Position => string.Create(CultureInfo.InvariantCulture, $"{Writer}-{Number}-{Index}");

    /// <summary>The document's <c>_id</c>: the same at every try, so that what was stored already is known again.</summary>
    public string DocumentId => string.Create(CultureInfo.InvariantCulture, $"{Born:x}-{Writer}-{Number}-{Index}");
}

/// <summary>The service in whose name documents are written.</summary>
/// <param name="Environment">Like <c>production</c>; null if it has no name.</param>
internal sealed record ServiceIdentity(string Name, string Version, string? Environment);
