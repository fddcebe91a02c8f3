-- Who owns a hub: the activation that took it last, by a generation that only rises. Commits of a hub name their
-- generation.
CREATE TABLE hub (
  tree       TEXT NOT NULL,
  node       INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  silo       TEXT NOT NULL,
  writer     INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  left_      INTEGER NOT NULL,
  PRIMARY KEY (tree, node)
);

-- There is no server that knows connections: both stay empty.
ALTER TABLE journal_writer ADD COLUMN connection INTEGER;
ALTER TABLE journal_writer ADD COLUMN client TEXT;
