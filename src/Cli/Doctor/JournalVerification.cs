using System.Globalization;
using System.Runtime.CompilerServices;
using ShitOps.Client;

namespace ShitOps.Cli.Doctor;

/// <summary>Has the silos look at the whole journal, part by part: they have its key, and this tool need not.</summary>
/// <param name="tell">Takes a line now and then on how far it is.</param>
internal sealed class JournalVerification(ShitOpsClient client, TimeProvider time, Action<string> tell)
{
    private const string Name = "journal";
    private const int Shown = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        long rows = 0, unsealed = 0, faults = 0, told = time.GetTimestamp();
        await using IAsyncEnumerator<JournalPart> parts = client.VerifyJournalAsync(stop).GetAsyncEnumerator(stop);
        while (true)
        {
            (JournalPart? part, Finding? broken) = await NextAsync(parts);
            if (broken is not null)
            {
                yield return broken;
                yield break;
            }
            if (part is null)
                break;
            foreach (JournalFault fault in part.Faults)
            {
                if (++faults <= Shown)
                    yield return Finding.Bad(Name, Line(fault), "see docs/security.md, the journal's chain: who could write to the database then, and what do backups and Elasticsearch hold?");
            }
            (rows, unsealed) = (rows + part.Rows, unsealed + part.Unsealed);
            if (time.GetElapsedTime(told) < Every)
                continue;
            told = time.GetTimestamp();
            tell(string.Create(CultureInfo.InvariantCulture, $"journal: {rows + unsealed} rows looked at, about {part.Remaining} are left, {faults} faults"));
        }
        yield return Sum(rows, unsealed, faults);
    }

    private static async Task<(JournalPart? Part, Finding? Broken)> NextAsync(IAsyncEnumerator<JournalPart> parts)
    {
        try
        {
            return (await parts.MoveNextAsync() ? parts.Current : null, null);
        }
        catch (ShitOpsException refused) when (refused.Status is 401 or 403)
        {
            return (null, Finding.Bad(Name, "only operators and security may have it looked at", "give an operator's or a security key"));
        }
        catch (ShitOpsException old) when (old.Status == 404)
        {
            return (null, Finding.Bad(Name, "the gateway does not know how", "upgrade the gateway and its silos"));
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutException or IOException or ShitOpsException)
        {
            return (null, Finding.Bad(Name, error.Message, "see whether gateway and silos run, and run it again"));
        }
    }

    private static Finding Sum(long rows, long unsealed, long faults)
    {
        string before = unsealed > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {unsealed} have no seal, and nothing can be said of them") : "";
        string all = string.Create(CultureInfo.InvariantCulture, $"{rows + unsealed} rows looked at, {faults} faults{before}");
        return faults > 0 ? Finding.Bad(Name, all, "keep a copy of the database as it is now, before retention goes on")
            : rows == 0 ? Finding.Odd(Name, all, "no row is sealed: are the silos older than this tool?")
            : Finding.Good(Name, all);
    }

    private static string Line(JournalFault fault)
    {
        string where = fault.First == 0 ? "" : fault.First == fault.Last ? $", row {fault.First}" : $", rows {fault.First} to {fault.Last}";
        return $"{fault.Kind}: writer {fault.Writer}{where}: {fault.Detail}";
    }
}
