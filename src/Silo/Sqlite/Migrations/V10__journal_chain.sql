-- Each row of the journal is sealed together with the seal of the row before it by the same writer. Rows of silos that
-- knew no seals have none.
ALTER TABLE journal ADD COLUMN seal BLOB;

-- A writer's chain: which data key its seals come from, its first link ("birth"), up to which row retention has deleted
-- ("gone") and that row's seal, and the last rows of the newest writers as this one saw them ("heads": writer 4 bytes,
-- number 8, seal 32, big-endian). "since" is the first writer that sealed. The marks are what its key says to them.
CREATE TABLE journal_chain (
  writer     INTEGER NOT NULL,
  key_id     INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  birth      BLOB NOT NULL,
  gone       INTEGER NOT NULL,
  gone_seal  BLOB NOT NULL,
  gone_at    INTEGER NOT NULL,
  gone_mark  BLOB NOT NULL,
  heads      BLOB NOT NULL,
  heads_at   INTEGER NOT NULL,
  heads_mark BLOB NOT NULL,
  PRIMARY KEY (writer)
);
