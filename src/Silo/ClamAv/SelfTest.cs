using System.Text;

namespace ShitOps.Silo.ClamAv;

/// <summary>
/// Shows a clamd what it must not miss, before anything is entrusted to it and whenever its signatures have changed:
/// the EICAR test file, an encrypted archive, an archive deeper than any sensible limit.
/// </summary>
internal static class SelfTest
{
    // In two pieces, so that no scanner takes this assembly for the test file (https://www.eicar.org/download-anti-malware-testfile/).
    private const string EicarHead = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$";
    private const string EicarTail = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
    private const int Depth = 64;

    private static readonly byte[] Clean = [.. Enumerable.Range(0, 512).Select(i => (byte)('a' + (i % 23)))];

    /// <returns>Whether batches can be trusted.</returns>
    /// <exception cref="ClamdException">It misses samples shown alone, or its settings let pass what it could not look at.</exception>
    public static async Task<bool> RunAsync(Func<Frame, Task<ClamdReply>> scan)
    {
        byte[] eicar = Encoding.ASCII.GetBytes(EicarHead + EicarTail);
        await AloneAsync(eicar, "it does not find the EICAR test file: no signatures are loaded, or not the official ones");
        await AloneAsync(EncryptedZip(), "it passes encrypted archives as clean: set \"AlertEncrypted yes\" in clamd.conf");
        await AloneAsync(DeepZip(), "it passes as clean what exceeds its limits: set \"AlertExceedsMax yes\" in clamd.conf");
        if (await SaysCleanAsync(Frame.Of(Clean)) is false)
            throw new ClamdException("it finds something in plain letters: its signatures are broken");
        return !await SaysCleanAsync(Batch(eicar)) && !await SaysCleanAsync(Batch(EncryptedZip())) && await SaysCleanAsync(Batch(Clean));

        async Task AloneAsync(byte[] sample, string fault)
        {
            if (await SaysCleanAsync(Frame.Of(sample)))
                throw new ClamdException(fault);
        }

        async Task<bool> SaysCleanAsync(Frame frame)
        {
            using (frame)
            {
                ClamdReply reply = await scan(frame);
                return reply.Kind == ReplyKind.Error ? throw new ClamdException(reply.Text) : reply.Kind == ReplyKind.Clean;
            }
        }
    }

    /// <summary>The sample behind many clean contents: a clamd that does not read to the end misses it. All are different, so that its cache does not answer.</summary>
    private static Frame Batch(byte[] sample)
    {
        var contents = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < 199; i++)
            contents.Add(Encoding.ASCII.GetBytes($"{{\"item\":{i},\"text\":\"nothing to be found\"}}"));
        contents.Add(sample);
        return Frame.OfZip(contents);
    }

    /// <summary>A stored entry whose flags say encrypted; the bytes behind it need not be.</summary>
    private static byte[] EncryptedZip()
    {
        byte[] zip = Zip(Clean);
        zip[6] |= 1;
        int directory = zip.AsSpan().LastIndexOf("PK\x01\x02"u8);
        zip[directory + 8] |= 1;
        return zip;
    }

    private static byte[] DeepZip()
    {
        byte[] zip = Clean;
        for (int i = 0; i < Depth; i++)
            zip = Zip(zip);
        return zip;
    }

    private static byte[] Zip(byte[] content)
    {
        using Frame frame = Frame.OfZip([content]);
        return frame.ChunkToArray();
    }
}
