CREATE TABLE tree (
  name  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  epoch BIGINT      NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE team (
  tree       VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name       VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  function_  VARCHAR(64)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  weight     INT          NOT NULL,
  node       INT          NOT NULL,
  created_at BIGINT       NOT NULL,
  PRIMARY KEY (tree, name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE access_key (
  id         BINARY(16)       NOT NULL,
  role       TINYINT UNSIGNED NOT NULL,
  team       VARCHAR(64)      CHARACTER SET ascii COLLATE ascii_bin NULL,
  hash       BINARY(32)       NOT NULL,
  created_at BIGINT           NOT NULL,
  revoked_at BIGINT           NULL,
  PRIMARY KEY (id),
  UNIQUE KEY by_hash (hash),
  KEY of_team (team),
  KEY of_role (role)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE attachment (
  id           BINARY(16)    NOT NULL,
  team         VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size         BIGINT        NOT NULL,
  sha256       VARBINARY(32) NOT NULL,
  content_type VARCHAR(128)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  chunks       INT           NOT NULL,
  state        VARCHAR(16)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at   BIGINT        NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE attachment_chunk (
  attachment_id BINARY(16) NOT NULL,
  number        INT        NOT NULL,
  sealed        MEDIUMBLOB NOT NULL,
  PRIMARY KEY (attachment_id, number)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE message_attachment (
  message_id    BINARY(16) NOT NULL,
  attachment_id BINARY(16) NOT NULL,
  PRIMARY KEY (message_id, attachment_id),
  KEY by_attachment (attachment_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE key_ring (
  id   INT          NOT NULL AUTO_INCREMENT,
  name VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  xml  MEDIUMTEXT   CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE data_key (
  id         INT           NOT NULL AUTO_INCREMENT,
  wrapped    VARBINARY(4096) NOT NULL,
  created_at BIGINT        NOT NULL,
  rotate_at  BIGINT        NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
