-- How far the journal of each writer was sent to Elasticsearch: every row up to that number.
CREATE TABLE export_cursor (
  writer     INT    NOT NULL,
  number     BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (writer)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Documents that Elasticsearch will never take. "id" is the document's; "place" is the event's in its journal row.
CREATE TABLE export_dead_letter (
  id       VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  writer   INT           NOT NULL,
  number   BIGINT        NOT NULL,
  place    INT           NOT NULL,
  status   INT           NOT NULL,
  type     VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  reason   VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  document MEDIUMBLOB    NOT NULL,
  at       BIGINT        NOT NULL,
  PRIMARY KEY (id),
  KEY age (at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
