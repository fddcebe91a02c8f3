-- Where teams want their deliveries pushed. Secrets are sealed as bodies are. team_since is the team's created_at: what is
-- left of a team that has gone is not inherited by one of the same name.
CREATE TABLE webhook (
  tree           TEXT NOT NULL,
  team           TEXT NOT NULL,
  team_since     INTEGER NOT NULL,
  url            TEXT NOT NULL,
  disabled       TEXT,
  secret_id      BLOB NOT NULL,
  secret         BLOB NOT NULL,
  previous_id    BLOB,
  previous       BLOB,
  previous_until INTEGER,
  created_at     INTEGER NOT NULL,
  changed_at     INTEGER NOT NULL,
  version        INTEGER NOT NULL,
  PRIMARY KEY (tree, team)
);
