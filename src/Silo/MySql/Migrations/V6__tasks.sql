-- Ids here need not sort by time: those that follow from an idempotency key do not.

CREATE TABLE workflow (
  id           BINARY(16)    NOT NULL,
  name         VARCHAR(256)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  creator      VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version      INT           NOT NULL,
  digest       VARBINARY(32) NOT NULL,
  trace_parent VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  created_at   BIGINT        NOT NULL,
  PRIMARY KEY (id),
  KEY age (created_at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- "place" is the place in its workflow, in the order given.
CREATE TABLE task (
  id            BINARY(16)       NOT NULL,
  workflow_id   BINARY(16)       NOT NULL,
  place         INT              NOT NULL,
  key_          VARCHAR(64)      CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  title         VARCHAR(512)     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  creator       VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  assignee      VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state         TINYINT UNSIGNED NOT NULL,
  overdue       TINYINT UNSIGNED NOT NULL,
  due_at        BIGINT           NULL,
  created_at    BIGINT           NOT NULL,
  ready_at      BIGINT           NULL,
  started_at    BIGINT           NULL,
  ended_at      BIGINT           NULL,
  reason        VARCHAR(1024)    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  sealed        MEDIUMBLOB       NULL,
  size          INT              NOT NULL,
  sha256        VARBINARY(32)    NULL,
  sealed_result MEDIUMBLOB       NULL,
  trail         VARBINARY(3072)  NOT NULL,
  PRIMARY KEY (id),
  KEY of_workflow (workflow_id, place),
  KEY of_assignee (assignee, state, created_at, id),
  KEY of_creator (creator, state, created_at, id),
  KEY by_state (state, overdue, created_at, id),
  KEY due (state, overdue, due_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a task depends on, in the order given. "external_": a task of another workflow. "wake": 0 nothing to do,
-- 1 when that task ends, its workflow must look, 2 it must look now.
CREATE TABLE task_edge (
  workflow_id BINARY(16)       NOT NULL,
  task_id     BINARY(16)       NOT NULL,
  place       INT              NOT NULL,
  depends_on  BINARY(16)       NOT NULL,
  on_failure  TINYINT UNSIGNED NOT NULL,
  state       TINYINT UNSIGNED NOT NULL,
  external_   TINYINT UNSIGNED NOT NULL,
  wake        TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (workflow_id, task_id, place),
  KEY by_dependency (workflow_id, depends_on),
  KEY to_wake (wake, depends_on)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
