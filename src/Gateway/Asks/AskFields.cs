using System.Text.Json;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Messages;
using ShitOps.Gateway.Problems;
using ShitOps.Grains;

namespace ShitOps.Gateway.Asks;

/// <summary>The fields of an ask and of a reply as posted.</summary>
internal static class AskFields
{
    private static readonly FieldTable<MessageDraft> Ask = new(
    [
        .. MessageFields.Posted,
        ("deadline", static (ref r, d, f) => d.Ask!.Deadline = JsonText.Time(ref r, "deadline", f)),
        ("quorum", static (ref r, d, f) => d.Ask!.Quorum = JsonText.Whole(ref r, "quorum", 1, int.MaxValue, f)),
        ("collate", ReadCollate),
    ]);

    private static readonly FieldTable<AskDraft> Collate = new(("kind", ReadKind), ("pointer", ReadPointer));

    private static readonly FieldTable<MessageDraft> Reply = new(MessageFields.Content);

    /// <inheritdoc cref="DraftReader"/>
    public static Problem? ReadAsk(ReadOnlyMemory<byte> json, out MessageDraft draft, out Faults faults)
    {
        draft = new MessageDraft { Ask = new AskDraft() };
        faults = new Faults();
        if (Ask.Read(json.Span, draft, faults) is { } problem)
            return problem;
        MessageFields.CheckTo(draft, faults);
        if (draft.Ask.Deadline is null && !faults.Has("/deadline"))
            faults.Add("/deadline", "required", "'deadline' is needed.");
        MessageFields.Complete(json, draft, faults);
        return null;
    }

    /// <inheritdoc cref="DraftReader"/>
    public static Problem? ReadReply(ReadOnlyMemory<byte> json, out MessageDraft draft, out Faults faults)
    {
        draft = new MessageDraft();
        faults = new Faults();
        if (Reply.Read(json.Span, draft, faults) is { } problem)
            return problem;
        MessageFields.Complete(json, draft, faults);
        return null;
    }

    private static void ReadCollate(ref Utf8JsonReader reader, MessageDraft draft, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        AskDraft ask = draft.Ask!;
        var inner = new Faults();
        Collate.ReadInner(ref reader, ask, inner);
        if (!inner.Has("") && !inner.Has("/kind") && !inner.Has("/pointer"))
        {
            if (ask.Collate == CollateKind.List && ask.Pointer is not null)
                inner.Add("/pointer", "not_allowed", "A list takes whole replies: 'pointer' belongs to tally, sum, min and max.");
            else if (ask.Collate != CollateKind.List && ask.Pointer is null)
                inner.Add("/pointer", "required", $"'pointer' is needed for {Words.Of(ask.Collate)}.");
        }
        faults.Take(inner, "/collate");
    }

    private static void ReadKind(ref Utf8JsonReader reader, AskDraft ask, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, "kind", faults) is not { } text)
            return;
        switch (text)
        {
            case "list": ask.Collate = CollateKind.List; break;
            case "tally": ask.Collate = CollateKind.Tally; break;
            case "sum": ask.Collate = CollateKind.Sum; break;
            case "min": ask.Collate = CollateKind.Min; break;
            case "max": ask.Collate = CollateKind.Max; break;
            default: faults.Add("/kind", "unknown_value", "'kind' must be one of: list, tally, sum, min, max."); break;
        }
    }

    private static void ReadPointer(ref Utf8JsonReader reader, AskDraft ask, Faults faults)
    {
        if (reader.TokenType == JsonTokenType.Null || JsonText.Plain(ref reader, "pointer", faults) is not { } text)
            return;
        if (text.Length > Limits.PointerLength)
            faults.Add("/pointer", "bad_length", $"'pointer' must have at most {Limits.PointerLength} characters.");
        else if (JsonPointer.Parse(text) is null)
            faults.Add("/pointer", "bad_pointer", "'pointer' must be a JSON pointer (RFC 6901) such as /ready; ~ stands only in ~0 and ~1.");
        else
            ask.Pointer = text;
    }
}
