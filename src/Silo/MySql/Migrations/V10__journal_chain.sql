-- Each row of the journal is sealed together with the seal of the row before it by the same writer. Rows of silos that
-- knew no seals have none.
ALTER TABLE journal
  ADD COLUMN seal BINARY(32) NULL;

-- A writer's chain: which data key its seals come from, its first link ("birth"), up to which row retention has deleted
-- ("gone") and that row's seal, and the last rows of the newest writers as this one saw them ("heads": writer 4 bytes,
-- number 8, seal 32, big-endian). "since" is the first writer that sealed. The marks are what its key says to them.
CREATE TABLE journal_chain (
  writer     INT             NOT NULL,
  key_id     INT             NOT NULL,
  started_at BIGINT          NOT NULL,
  since      INT             NOT NULL,
  birth      BINARY(32)      NOT NULL,
  gone       BIGINT          NOT NULL,
  gone_seal  BINARY(32)      NOT NULL,
  gone_at    BIGINT          NOT NULL,
  gone_mark  BINARY(32)      NOT NULL,
  heads      VARBINARY(4096) NOT NULL,
  heads_at   BIGINT          NOT NULL,
  heads_mark BINARY(32)      NOT NULL,
  PRIMARY KEY (writer)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
