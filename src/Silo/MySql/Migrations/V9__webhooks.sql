-- Where teams want their deliveries pushed. Secrets are sealed as bodies are. team_since is the team's created_at: what is
-- left of a team that has gone is not inherited by one of the same name.
CREATE TABLE webhook (
  tree           VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  team           VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  team_since     BIGINT         NOT NULL,
  url            VARCHAR(2048)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  disabled       VARCHAR(64)    CHARACTER SET ascii COLLATE ascii_bin NULL,
  secret_id      BINARY(16)     NOT NULL,
  secret         VARBINARY(512) NOT NULL,
  previous_id    BINARY(16)     NULL,
  previous       VARBINARY(512) NULL,
  previous_until BIGINT         NULL,
  created_at     BIGINT         NOT NULL,
  changed_at     BIGINT         NOT NULL,
  version        BIGINT         NOT NULL,
  PRIMARY KEY (tree, team)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
