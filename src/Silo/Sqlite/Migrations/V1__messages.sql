-- Times are Unix milliseconds, ids 16 bytes big-endian (so that UUIDv7 sorts by time), texts compare byte by byte.
-- "trail" lists the journal rows that tell of a row: 12 bytes each, writer (4) and number (8), big-endian.

CREATE TABLE message (
  id             BLOB NOT NULL,
  tree           TEXT NOT NULL,
  node           INTEGER NOT NULL,
  seq            INTEGER NOT NULL,
  state          INTEGER NOT NULL,
  from_team      TEXT NOT NULL,
  to_spec        TEXT NOT NULL,
  subject        TEXT,
  content_type   TEXT NOT NULL,
  body_kind      INTEGER NOT NULL,
  sealed         BLOB,
  size           INTEGER NOT NULL,
  sha256         BLOB NOT NULL,
  ordering_key   TEXT,
  priority       INTEGER NOT NULL,
  kind           INTEGER NOT NULL,
  deliver_at     INTEGER,
  expires_at     INTEGER,
  correlation_id TEXT,
  trace_parent   TEXT,
  attachments    BLOB,
  reference      BLOB,
  released       INTEGER NOT NULL,
  reason         TEXT,
  accepted_at    INTEGER NOT NULL,
  settled_at     INTEGER,
  trail          BLOB NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX message_outbox ON message (state, tree, node, seq);

CREATE TABLE delivery (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id      BLOB NOT NULL,
  team            TEXT NOT NULL,
  from_team       TEXT NOT NULL,
  rank_           INTEGER NOT NULL,
  ordering_key    TEXT,
  state           INTEGER NOT NULL,
  attempts        INTEGER NOT NULL,
  not_before      INTEGER,
  expires_at      INTEGER,
  delivered_at    INTEGER NOT NULL,
  acknowledged_at INTEGER,
  trail           BLOB NOT NULL,
  UNIQUE (message_id, team)
);
CREATE INDEX delivery_inbox ON delivery (team, state, rank_, seq);

-- key_ holds the key's UTF-8 bytes: no collation folds case, accents or trailing spaces.
CREATE TABLE idempotency (
  from_team  TEXT NOT NULL,
  key_       BLOB NOT NULL,
  message_id BLOB NOT NULL,
  digest     BLOB,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (from_team, key_)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE dead_letter (
  message_id BLOB NOT NULL,
  team       TEXT NOT NULL,
  from_team  TEXT NOT NULL,
  reason     TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (message_id, team)
);
CREATE INDEX dead_letter_grouped ON dead_letter (reason, team);

CREATE TABLE quarantine (
  id                BLOB NOT NULL,
  message_id        BLOB,
  attachment_id     BLOB,
  from_team         TEXT NOT NULL,
  to_spec           TEXT,
  subject           TEXT,
  verdict           TEXT NOT NULL,
  signature         TEXT,
  signature_version TEXT,
  node              INTEGER,
  silo              TEXT NOT NULL,
  at                INTEGER NOT NULL,
  state             TEXT NOT NULL,
  decided_at        INTEGER,
  decided_by        TEXT,
  reason            TEXT,
  PRIMARY KEY (id)
);
CREATE INDEX quarantine_of_message ON quarantine (message_id);
CREATE INDEX quarantine_by_state ON quarantine (state, id);

CREATE TABLE journal_writer (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  started_at INTEGER NOT NULL
);

CREATE TABLE journal (
  writer INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes  INTEGER NOT NULL,
  data   BLOB NOT NULL,
  PRIMARY KEY (writer, number)
);
CREATE INDEX journal_age ON journal (at, bytes);
