using System.Text.Json;
using Orleans.Storage;

namespace ShitOps.Silo.Store;

/// <summary>Grain state as plain JSON without type names: what is stored depends on the state's fields, not on where its type lives.</summary>
internal sealed class StateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)!;
}
