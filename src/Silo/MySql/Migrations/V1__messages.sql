-- Times are Unix milliseconds, ids 16 bytes big-endian (so that UUIDv7 sorts by time), texts compare byte by byte.
-- "trail" lists the journal rows that tell of a row: 12 bytes each, writer (4) and number (8), big-endian.

CREATE TABLE message (
  id             BINARY(16)       NOT NULL,
  tree           VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  node           INT              NOT NULL,
  seq            BIGINT           NOT NULL,
  state          TINYINT UNSIGNED NOT NULL,
  from_team      VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_spec        VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  subject        VARCHAR(512)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  content_type   VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  body_kind      TINYINT UNSIGNED NOT NULL,
  sealed         MEDIUMBLOB       NULL,
  size           INT              NOT NULL,
  sha256         VARBINARY(32)    NOT NULL,
  ordering_key   VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  priority       TINYINT UNSIGNED NOT NULL,
  kind           TINYINT UNSIGNED NOT NULL,
  deliver_at     BIGINT           NULL,
  expires_at     BIGINT           NULL,
  correlation_id VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  trace_parent   VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  attachments    VARBINARY(512)   NULL,
  reference      BINARY(16)       NULL,
  released       TINYINT UNSIGNED NOT NULL,
  reason         VARCHAR(1024)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  accepted_at    BIGINT           NOT NULL,
  settled_at     BIGINT           NULL,
  trail          VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (id),
  KEY outbox (state, tree, node, seq)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE delivery (
  seq             BIGINT           NOT NULL AUTO_INCREMENT,
  message_id      BINARY(16)       NOT NULL,
  team            VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_team       VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  rank_           TINYINT UNSIGNED NOT NULL,
  ordering_key    VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  state           TINYINT UNSIGNED NOT NULL,
  attempts        INT              NOT NULL,
  not_before      BIGINT           NULL,
  expires_at      BIGINT           NULL,
  delivered_at    BIGINT           NOT NULL,
  acknowledged_at BIGINT           NULL,
  trail           VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (seq),
  UNIQUE KEY once (message_id, team),
  KEY inbox (team, state, rank_, seq)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- key_ holds the key's UTF-8 bytes: no collation folds case, accents or trailing spaces.
CREATE TABLE idempotency (
  from_team  VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  key_       VARBINARY(1024) NOT NULL,
  message_id BINARY(16)      NOT NULL,
  digest     VARBINARY(32)   NULL,
  expires_at BIGINT          NOT NULL,
  PRIMARY KEY (from_team, key_),
  KEY expiry (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE dead_letter (
  message_id BINARY(16)    NOT NULL,
  team       VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_team  VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason     VARCHAR(512)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  attempts   INT           NOT NULL,
  at         BIGINT        NOT NULL,
  PRIMARY KEY (message_id, team),
  KEY grouped (reason, team)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE quarantine (
  id                BINARY(16)    NOT NULL,
  message_id        BINARY(16)    NULL,
  attachment_id     BINARY(16)    NULL,
  from_team         VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_spec           VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  subject           VARCHAR(512)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  verdict           VARCHAR(32)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  signature         VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  signature_version VARCHAR(256)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  node              INT           NULL,
  silo              VARCHAR(256)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  at                BIGINT        NOT NULL,
  state             VARCHAR(16)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_at        BIGINT        NULL,
  decided_by        VARCHAR(256)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  reason            VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  PRIMARY KEY (id),
  KEY of_message (message_id),
  KEY by_state (state, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE journal_writer (
  id         INT           NOT NULL AUTO_INCREMENT,
  name       VARCHAR(256)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  started_at BIGINT        NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE journal (
  writer INT        NOT NULL,
  number BIGINT     NOT NULL,
  at     BIGINT     NOT NULL,
  events INT        NOT NULL,
  bytes  INT        NOT NULL,
  data   MEDIUMBLOB NOT NULL,
  PRIMARY KEY (writer, number),
  KEY age (at, bytes)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
