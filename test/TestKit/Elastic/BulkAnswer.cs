using System.Buffers;
using System.Text.Json;

namespace ShitOps.TestKit.Elastic;

/// <summary>Does what the actions ask for, one after the other, and answers for each at its place.</summary>
/// <param name="filter">As <c>filter_path</c> has it: the only fields that are answered, parted by commas; empty for all.</param>
internal sealed class BulkAnswer(ElasticState state, ElasticFault.Items? fault, string? filter)
{
    private readonly HashSet<string>? _shown = string.IsNullOrEmpty(filter) ? null : [.. filter.Split(',')];

    public byte[] Store(List<BulkRequest.Action> actions)
    {
        var items = new ArrayBufferWriter<byte>(64 * 1024);
        bool errors = WriteItems(items, actions);
        var answer = new ArrayBufferWriter<byte>(items.WrittenCount + 256);
        using var json = new Utf8JsonWriter(answer);
        json.WriteStartObject();
        if (IsShown("errors"))
            json.WriteBoolean("errors"u8, errors);
        if (IsShown("took"))
            json.WriteNumber("took"u8, 1);
        json.WritePropertyName("items"u8);
        json.WriteRawValue(items.WrittenSpan, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        return answer.WrittenSpan.ToArray();
    }

    private bool IsShown(string path) => _shown?.Contains(path) ?? true;

    private bool WriteItems(ArrayBufferWriter<byte> items, List<BulkRequest.Action> actions)
    {
        bool errors = false;
        using var json = new Utf8JsonWriter(items);
        json.WriteStartArray();
        lock (state.Gate)
        {
            foreach (BulkRequest.Action action in actions)
            {
                (int status, string index, MappingFault? wrong) = action.Operation != "create"
                    ? (400, action.Index, new("illegal_argument_exception", "only write ops with an op_type of create are allowed in data streams"))
                    : fault is not null && fault.Which(action.Id)
                        ? (fault.Status, action.Index, new(fault.Type, "as the test wants"))
                        : state.Create(action.Index, action.Id, action.Source);
                errors |= wrong is not null;
                Write(json, action, status, index, wrong);
            }
        }
        json.WriteEndArray();
        json.Flush();
        return errors;
    }

    private void Write(Utf8JsonWriter json, BulkRequest.Action action, int status, string index, MappingFault? wrong)
    {
        json.WriteStartObject();
        json.WriteStartObject(action.Operation);
        if (IsShown("items.*._index"))
            json.WriteString("_index"u8, index);
        if (IsShown("items.*._id"))
            json.WriteString("_id"u8, action.Id);
        if (IsShown("items.*.status"))
            json.WriteNumber("status"u8, status);
        if (wrong is null && IsShown("items.*.result"))
            json.WriteString("result"u8, "created"u8);
        if (wrong is not null)
            WriteError(json, wrong);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteError(Utf8JsonWriter json, MappingFault wrong)
    {
        bool all = IsShown("items.*.error"), type = all || IsShown("items.*.error.type"), reason = all || IsShown("items.*.error.reason");
        if (!type && !reason)
            return;
        json.WriteStartObject("error"u8);
        if (type)
            json.WriteString("type"u8, wrong.Type);
        if (reason)
            json.WriteString("reason"u8, wrong.Reason);
        json.WriteEndObject();
    }
}
