using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using ShitOps.Gateway.RateLimits;

namespace ShitOps.Gateway.Security;

/// <summary>
/// Counts wrong keys, by the address they come from and by how they begin: so many are answered with 401, the next with
/// 429 until some time has passed. Only wrong keys come here, after they were looked up: whoever has a right one is let in,
/// however many others guess from the same address. The same wrong key again, as of a program whose key was revoked, is no
/// guess.
/// </summary>
internal sealed partial class GuessGuard(IOptions<GatewayOptions> options, TimeProvider time, ILogger<GuessGuard> log, IGuessAlarm alarm)
{
    /// <summary>Sources remembered of each kind; beyond that those longest without a guess are forgotten.</summary>
    internal const int Capacity = 10_000;
    /// <summary>Guesses that begin alike may come from everywhere: what one address may, so many may together.</summary>
    private const int PrefixShare = 10;
    private const int PrefixLength = 8;
    /// <summary>Who goes on guessing is told of once in this time.</summary>
    internal static readonly TimeSpan TellAgainAfter = TimeSpan.FromHours(1);
    /// <summary>Of all sources together in this time: the journal is not theirs to fill.</summary>
    internal const int MostTold = 100;

    private readonly Lock _lock = new();
    private readonly Sources<IPAddress> _addresses = new(time);
    private readonly Sources<int> _prefixes = new(time);
    private readonly TokenBucket _telling = new(time);

    public int Remembered
    {
        get { lock (_lock) return Math.Max(_addresses.Count, _prefixes.Count); }
    }

    /// <summary>A key was wrong. Null: it may be said so; else how long until one may guess again.</summary>
    /// <param name="presented">As it was presented; nothing of it is kept but hashes in memory.</param>
    public TimeSpan? Wrong(IPAddress? from, ReadOnlySpan<char> presented, KeyHash hash)
    {
        int most = options.Value.WrongKeysPerMinute;
        IPAddress source = SourceOf(from);
        int prefix = string.GetHashCode(presented[..Math.Min(PrefixLength, presented.Length)]);
        TimeSpan? wait;
        bool first, here = false, everywhere = false;
        lock (_lock)
        {
            Source address = _addresses.Of(source);
            if (address.Last == hash && address.Wait is null)
                return null;
            address.Last = hash;
            first = address.Wait is null;
            Source alike = _prefixes.Of(prefix);
            TimeSpan? byAddress = address.Take(most), byPrefix = alike.Take(most * PrefixShare);
            wait = byAddress > byPrefix || byPrefix is null ? byAddress : byPrefix;
            address.Wait = wait;
            here = byAddress is not null && MayTell(address);
            everywhere = byAddress is null && byPrefix is not null && MayTell(alike);
        }
        if (wait is not null && first)
            LogGuessing(source, most);
        if (here)
            alarm.Guessing(NetworkOf(source), most);
        else if (everywhere)
            alarm.Guessing(null, most * PrefixShare);
        return wait;
    }

    private bool MayTell(Source source) =>
        source.MayTell(TellAgainAfter) && _telling.Take(1, MostTold / TellAgainAfter.TotalSeconds, MostTold, out _) == 1;

    /// <summary>What is kept of an address for months: its network, which is nobody in particular.</summary>
    internal static string NetworkOf(IPAddress source)
    {
        Span<byte> bytes = stackalloc byte[16];
        source.TryWriteBytes(bytes, out int length);
        int prefix = length == 4 ? 24 : 64;
        bytes[(prefix / 8)..].Clear();
        return new IPNetwork(new IPAddress(bytes[..length]), prefix).ToString();
    }

    /// <summary>Who has one address of IPv6 has a whole network of them.</summary>
    internal static IPAddress SourceOf(IPAddress? from)
    {
        if (from is null)
            return IPAddress.None;
        if (from.IsIPv4MappedToIPv6)
            return from.MapToIPv4();
        if (from.AddressFamily != AddressFamily.InterNetworkV6)
            return from;
        Span<byte> bytes = stackalloc byte[16];
        from.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    [LoggerMessage(5004, LogLevel.Warning, "More than {Most} wrong keys within a minute came from {Source}; more of them are answered with 429")]
    private partial void LogGuessing(IPAddress source, int most);

    private sealed class Source(TimeProvider time)
    {
        private readonly TokenBucket _tries = new(time);
        private long? _toldAt;

        /// <summary>The last wrong key, and what was said to it.</summary>
        public KeyHash? Last { get; set; }
        public TimeSpan? Wait { get; set; }

        public bool MayTell(TimeSpan again)
        {
            if (_toldAt is { } at && time.GetElapsedTime(at) < again)
                return false;
            _toldAt = time.GetTimestamp();
            return true;
        }

        public TimeSpan? Take(int perMinute) => _tries.Take(1, perMinute / 60.0, perMinute, out TimeSpan wait) == 1 ? null : wait;
    }

    /// <summary>A bounded number of sources, the latest ones.</summary>
    private sealed class Sources<T>(TimeProvider time) where T : notnull
    {
        private readonly Dictionary<T, LinkedListNode<(T Key, Source Source)>> _known = [];
        private readonly LinkedList<(T Key, Source Source)> _latest = new();

        public int Count => _known.Count;

        public Source Of(T key)
        {
            if (_known.TryGetValue(key, out LinkedListNode<(T Key, Source Source)>? node))
            {
                _latest.Remove(node);
            }
            else
            {
                if (_known.Count >= Capacity)
                {
                    _known.Remove(_latest.Last!.Value.Key);
                    _latest.RemoveLast();
                }
                _known.Add(key, node = new((key, new Source(time))));
            }
            _latest.AddFirst(node);
            return node.Value.Source;
        }
    }
}
