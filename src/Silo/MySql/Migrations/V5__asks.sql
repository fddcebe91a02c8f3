-- An ask has the id of the message that carries its question. "due_at" is its deadline, or 0 once its quorum is reached.
CREATE TABLE ask (
  id            BINARY(16)       NOT NULL,
  tree          VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_team     VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_spec       VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  subject       VARCHAR(512)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  trace_parent  VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  top           INT              NOT NULL,
  deadline      BIGINT           NOT NULL,
  quorum        INT              NULL,
  collate_      TINYINT UNSIGNED NOT NULL,
  pointer       VARCHAR(256)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  state         TINYINT UNSIGNED NOT NULL,
  asked         INT              NOT NULL,
  answered      INT              NOT NULL,
  due_at        BIGINT           NOT NULL,
  result_id     BINARY(16)       NOT NULL,
  sealed_result MEDIUMBLOB       NULL,
  asked_at      BIGINT           NOT NULL,
  ended_at      BIGINT           NULL,
  trail         VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (id),
  KEY due (state, tree, due_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- "place" is the place in post-order, here and in ask_team.
CREATE TABLE ask_node (
  ask_id  BINARY(16)       NOT NULL,
  node    INT              NOT NULL,
  place   INT              NOT NULL,
  tree    VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asked   INT              NOT NULL,
  version INT              NOT NULL,
  stage   TINYINT UNSIGNED NOT NULL,
  at      BIGINT           NOT NULL,
  data    MEDIUMBLOB       NULL,
  trail   VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (ask_id, node),
  KEY stranded (stage, tree, at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- An asked team, with its reply once there is one. "open_" falls with the end of the ask.
CREATE TABLE ask_team (
  ask_id       BINARY(16)       NOT NULL,
  team         VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  node         INT              NOT NULL,
  place        INT              NOT NULL,
  open_        TINYINT UNSIGNED NOT NULL,
  state        TINYINT UNSIGNED NOT NULL,
  reply_id     BINARY(16)       NULL,
  replied_at   BIGINT           NULL,
  body_kind    TINYINT UNSIGNED NULL,
  content_type VARCHAR(128)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  size         INT              NULL,
  sha256       VARBINARY(32)    NULL,
  sealed       MEDIUMBLOB       NULL,
  trail        VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (ask_id, team),
  KEY in_order (ask_id, place),
  KEY of_node (ask_id, node),
  KEY unanswered (team, open_, state, ask_id),
  KEY held (open_, state)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

ALTER TABLE quarantine ADD COLUMN ask_id BINARY(16) NULL, ADD KEY of_ask (ask_id);
