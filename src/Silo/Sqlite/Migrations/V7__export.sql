-- How far the journal of each writer was sent to Elasticsearch: every row up to that number.
CREATE TABLE export_cursor (
  writer     INTEGER NOT NULL,
  number     INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (writer)
);

-- Documents that Elasticsearch will never take. "id" is the document's; "place" is the event's in its journal row.
CREATE TABLE export_dead_letter (
  id       TEXT    NOT NULL,
  writer   INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  place    INTEGER NOT NULL,
  status   INTEGER NOT NULL,
  type     TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  document BLOB    NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX export_dead_letter_age ON export_dead_letter (at);
