-- Ids here need not sort by time: those that follow from an idempotency key do not.

CREATE TABLE workflow (
  id           BLOB NOT NULL,
  name         TEXT,
  creator      TEXT NOT NULL,
  version      INTEGER NOT NULL,
  digest       BLOB NOT NULL,
  trace_parent TEXT,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX workflow_age ON workflow (created_at, id);

-- "place" is the place in its workflow, in the order given.
CREATE TABLE task (
  id            BLOB NOT NULL,
  workflow_id   BLOB NOT NULL,
  place         INTEGER NOT NULL,
  key_          TEXT,
  title         TEXT NOT NULL,
  creator       TEXT NOT NULL,
  assignee      TEXT NOT NULL,
  state         INTEGER NOT NULL,
  overdue       INTEGER NOT NULL,
  due_at        INTEGER,
  created_at    INTEGER NOT NULL,
  ready_at      INTEGER,
  started_at    INTEGER,
  ended_at      INTEGER,
  reason        TEXT,
  sealed        BLOB,
  size          INTEGER NOT NULL,
  sha256        BLOB,
  sealed_result BLOB,
  trail         BLOB NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX task_of_workflow ON task (workflow_id, place);
CREATE INDEX task_of_assignee ON task (assignee, state, created_at, id);
CREATE INDEX task_of_creator ON task (creator, state, created_at, id);
CREATE INDEX task_by_state ON task (state, overdue, created_at, id);
CREATE INDEX task_due ON task (state, overdue, due_at);

-- What a task depends on, in the order given. "external_": a task of another workflow. "wake": 0 nothing to do,
-- 1 when that task ends, its workflow must look, 2 it must look now.
CREATE TABLE task_edge (
  workflow_id BLOB NOT NULL,
  task_id     BLOB NOT NULL,
  place       INTEGER NOT NULL,
  depends_on  BLOB NOT NULL,
  on_failure  INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  external_   INTEGER NOT NULL,
  wake        INTEGER NOT NULL,
  PRIMARY KEY (workflow_id, task_id, place)
);
CREATE INDEX task_edge_by_dependency ON task_edge (workflow_id, depends_on);
CREATE INDEX task_edge_to_wake ON task_edge (wake, depends_on);
