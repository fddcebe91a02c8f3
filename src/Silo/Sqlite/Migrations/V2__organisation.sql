CREATE TABLE tree (
  name  TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE team (
  tree       TEXT NOT NULL,
  name       TEXT NOT NULL,
  function_  TEXT NOT NULL,
  weight     INTEGER NOT NULL,
  node       INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tree, name)
);

CREATE TABLE access_key (
  id         BLOB NOT NULL,
  role       INTEGER NOT NULL,
  team       TEXT,
  hash       BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER,
  PRIMARY KEY (id),
  UNIQUE (hash)
);
CREATE INDEX access_key_of_team ON access_key (team);
CREATE INDEX access_key_of_role ON access_key (role);

CREATE TABLE attachment (
  id           BLOB NOT NULL,
  team         TEXT NOT NULL,
  size         INTEGER NOT NULL,
  sha256       BLOB NOT NULL,
  content_type TEXT NOT NULL,
  chunks       INTEGER NOT NULL,
  state        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (id)
);

CREATE TABLE attachment_chunk (
  attachment_id BLOB NOT NULL,
  number        INTEGER NOT NULL,
  sealed        BLOB NOT NULL,
  PRIMARY KEY (attachment_id, number)
);

CREATE TABLE message_attachment (
  message_id    BLOB NOT NULL,
  attachment_id BLOB NOT NULL,
  PRIMARY KEY (message_id, attachment_id)
);
CREATE INDEX message_attachment_by_attachment ON message_attachment (attachment_id);

CREATE TABLE key_ring (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  xml  TEXT NOT NULL
);

CREATE TABLE data_key (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  wrapped    BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  rotate_at  INTEGER NOT NULL
);
