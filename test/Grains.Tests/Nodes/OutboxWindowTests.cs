using CsCheck;
using ShitOps.Grains.Nodes;

namespace ShitOps.Grains.Tests.Nodes;

/// <summary>More messages than the window holds: what is in memory must not pass what is in the database only.</summary>
public sealed class OutboxWindowTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static OutboxEntry Entry(long sequence, string to, Priority priority = Priority.Normal, string? key = null) => new()
    {
        Envelope = new Envelope { Id = Guid.NewGuid(), From = "a", To = to, Sha256 = [], Priority = priority, OrderingKey = key },
        Sequence = sequence,
        BodyKind = BodyKind.Json,
        AcceptedAt = Start,
        Attachments = [],
        Size = 1,
        IsToMany = to == "all",
    };

    /// <summary>A hub that woke with more than a window of messages had the first 5,000 in memory, and a new urgent one went before the urgent ones beyond.</summary>
    [Fact]
    public void An_urgent_message_does_not_pass_an_urgent_one_that_was_not_read_yet()
    {
        var database = new Database(window: 2);
        database.Store(Entry(1, "x"), Entry(2, "x"), Entry(3, "x", Priority.Urgent));
        database.Wake();
        OutboxEntry late = Entry(4, "x", Priority.Urgent);
        database.Store(late);
        database.Outbox.Add(late);
        Assert.Equal([1, 2, 3, 4], database.Empty());
    }

    [Fact]
    public void While_all_urgent_ones_are_here_the_next_leaves_before_what_waits_however_much_that_is()
    {
        var database = new Database(window: 2);
        database.Wake();
        for (int i = 1; i <= 5; i++)
            database.Accept(Entry(i, "x", i == 5 ? Priority.Urgent : Priority.Normal));
        Assert.Equal([5, 1, 2, 3, 4], database.Empty());
    }

    [Fact]
    public void Whatever_is_left_to_the_database_messages_of_a_pair_leave_in_posting_order() =>
        Gen.Select(Gen.Int[0, 1_000_000_000], Gen.Int[1, 8], Gen.Int[5, 120]).Sample((seed, window, acts) =>
        {
            var random = new Random(seed);
            var database = new Database(window);
            database.Wake();
            long sequence = 0;
            for (int act = 0; act < acts; act++)
            {
                switch (random.Next(12))
                {
                    case 0:
                        database.Wake();
                        break;
                    case 1:
                        // Stored, and its answer was lost.
                        database.Store(Next());
                        database.Outbox.Doubt();
                        break;
                    case 2:
                        database.BeginRefill();
                        break;
                    case 3 or 4:
                        database.EndRefill();
                        break;
                    case 5 or 6:
                        database.Pump(random, fails: 3);
                        break;
                    default:
                        database.Accept(Next());
                        break;
                }
            }
            database.Empty();
            Assert.Equal(sequence, database.Left.Count);
            for (int i = 0; i < database.Left.Count; i++)
            {
                for (int j = i + 1; j < database.Left.Count; j++)
                {
                    (OutboxEntry one, OutboxEntry other) = (database.Left[i], database.Left[j]);
                    if (one.Lane == other.Lane && (one.IsToMany || other.IsToMany || one.Envelope.To == other.Envelope.To))
                        Assert.True(one.Sequence < other.Sequence, $"{other.Sequence} left after {one.Sequence}");
                }
            }

            OutboxEntry Next() => Entry(++sequence, random.Next(3) switch { 0 => "x", 1 => "y", _ => "all" },
                random.Next(3) == 0 ? Priority.Urgent : Priority.Normal, random.Next(4) == 0 ? "k" : null);
        });

    /// <summary>The rows of one outbox, and the pump around the window.</summary>
    private sealed class Database(int window)
    {
        private readonly List<OutboxEntry> _rows = [];
        private readonly List<OutboxEntry> _underWay = [];
        private (OutboxEntry[] Rows, bool ToTheEnd)? _read;
        private DateTimeOffset _now = Start;

        public Outbox Outbox { get; private set; } = new(window);
        public List<OutboxEntry> Left { get; } = [];

        /// <summary>The hub is lost with its memory, and another one reads.</summary>
        public void Wake()
        {
            Outbox = new(window);
            _underWay.Clear();
            _read = null;
            Outbox.Doubt();
            Refill();
        }

        public void Store(params OutboxEntry[] entries) => _rows.AddRange(entries);

        public void Accept(OutboxEntry entry)
        {
            Store(entry);
            Outbox.Add(entry);
        }

        public void BeginRefill()
        {
            if (_read is not null || !Outbox.WantsRefill)
                return;
            Outbox.BeginRefill();
            int room = Outbox.Room;
            long after = Outbox.LoadedUpTo;
            // As from a database: other objects than those in memory.
            OutboxEntry[] rows = [.. _rows.Where(e => e.Sequence > after).Take(room).Select(Copy)];
            _read = (rows, rows.Length < room);
        }

        public void EndRefill()
        {
            if (_read is { } read)
                Outbox.Refill(read.Rows, read.ToTheEnd);
            _read = null;
        }

        /// <summary>As the pump goes round: nothing is taken before what must be read was read.</summary>
        public void Pump(Random random, int fails)
        {
            Refill();
            _now += TimeSpan.FromMilliseconds(40);
            _underWay.AddRange(Outbox.Take(random.Next(1, 5), _now));
            string? broken = random.Next(fails) == 0 ? "x" : null;
            bool doubt = random.Next(10) == 0;
            if (doubt)
                Outbox.Doubt();
            if (random.Next(4) == 0)
                BeginRefill();
            foreach (OutboxEntry entry in _underWay)
            {
                if (entry.Envelope.To == broken || (broken is not null && entry.IsToMany))
                    Outbox.PutBack(entry, _now + TimeSpan.FromMilliseconds(random.Next(1, 100)));
                else
                    Leave(entry);
            }
            _underWay.Clear();
        }

        public IEnumerable<long> Empty()
        {
            for (int round = 0; _rows.Count > 0; round++)
            {
                Assert.True(round < 5_000, "the outbox does not empty");
                Refill();
                _now = Outbox.NextTry(_now) ?? _now;
                foreach (OutboxEntry entry in Outbox.Take(2, _now))
                    Leave(entry);
            }
            return Left.Select(e => e.Sequence);
        }

        private void Refill()
        {
            EndRefill();
            for (bool doubted = true; doubted && Outbox.WantsRefill;)
            {
                BeginRefill();
                (OutboxEntry[] rows, bool toTheEnd) = _read!.Value;
                _read = null;
                doubted = !Outbox.Refill(rows, toTheEnd);
            }
        }

        private void Leave(OutboxEntry entry)
        {
            Outbox.Remove(entry.Id);
            _rows.RemoveAll(row => row.Id == entry.Id);
            Left.Add(entry);
        }

        private static OutboxEntry Copy(OutboxEntry e) => new()
        {
            Envelope = e.Envelope,
            Sequence = e.Sequence,
            BodyKind = e.BodyKind,
            AcceptedAt = e.AcceptedAt,
            Attachments = e.Attachments,
            Size = e.Size,
            IsToMany = e.IsToMany,
        };
    }
}
