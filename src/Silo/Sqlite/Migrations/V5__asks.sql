-- An ask has the id of the message that carries its question. "due_at" is its deadline, or 0 once its quorum is reached.
CREATE TABLE ask (
  id            BLOB NOT NULL,
  tree          TEXT NOT NULL,
  from_team     TEXT NOT NULL,
  to_spec       TEXT NOT NULL,
  subject       TEXT,
  trace_parent  TEXT,
  top           INTEGER NOT NULL,
  deadline      INTEGER NOT NULL,
  quorum        INTEGER,
  collate_      INTEGER NOT NULL,
  pointer       TEXT,
  state         INTEGER NOT NULL,
  asked         INTEGER NOT NULL,
  answered      INTEGER NOT NULL,
  due_at        INTEGER NOT NULL,
  result_id     BLOB NOT NULL,
  sealed_result BLOB,
  asked_at      INTEGER NOT NULL,
  ended_at      INTEGER,
  trail         BLOB NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ask_due ON ask (state, tree, due_at);

-- "place" is the place in post-order, here and in ask_team.
CREATE TABLE ask_node (
  ask_id  BLOB NOT NULL,
  node    INTEGER NOT NULL,
  place   INTEGER NOT NULL,
  tree    TEXT NOT NULL,
  asked   INTEGER NOT NULL,
  version INTEGER NOT NULL,
  stage   INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  data    BLOB,
  trail   BLOB NOT NULL,
  PRIMARY KEY (ask_id, node)
);
CREATE INDEX ask_node_stranded ON ask_node (stage, tree, at);

-- An asked team, with its reply once there is one. "open_" falls with the end of the ask.
CREATE TABLE ask_team (
  ask_id       BLOB NOT NULL,
  team         TEXT NOT NULL,
  node         INTEGER NOT NULL,
  place        INTEGER NOT NULL,
  open_        INTEGER NOT NULL,
  state        INTEGER NOT NULL,
  reply_id     BLOB,
  replied_at   INTEGER,
  body_kind    INTEGER,
  content_type TEXT,
  size         INTEGER,
  sha256       BLOB,
  sealed       BLOB,
  trail        BLOB NOT NULL,
  PRIMARY KEY (ask_id, team)
);
CREATE INDEX ask_team_in_order ON ask_team (ask_id, place);
CREATE INDEX ask_team_of_node ON ask_team (ask_id, node);
CREATE INDEX ask_team_unanswered ON ask_team (team, open_, state, ask_id);
CREATE INDEX ask_team_held ON ask_team (open_, state);

ALTER TABLE quarantine ADD COLUMN ask_id BLOB;
CREATE INDEX quarantine_of_ask ON quarantine (ask_id);
