-- Who owns a hub: the activation that took it last, by a generation that only rises. Commits of a hub name their
-- generation, and share the row's lock until they end; so what was taken can be written by nobody else.
CREATE TABLE hub (
  tree       VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  node       INT          NOT NULL,
  generation BIGINT       NOT NULL,
  silo       VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  writer     INT          NOT NULL,
  since      BIGINT       NOT NULL,
  left_      TINYINT      NOT NULL,
  PRIMARY KEY (tree, node)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The writer's connection as the server knows it: its id, and the client's host and port, which no other connection has
-- at the same time. Ids begin anew when the server does.
ALTER TABLE journal_writer
  ADD COLUMN connection BIGINT UNSIGNED NULL,
  ADD COLUMN client     VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
