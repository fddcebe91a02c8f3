-- Table, column and parameter names are the ADO.NET provider's contract; types and statements are ours.
-- Keys are kept as bytes: any Unicode, and what differs in case, accent or trailing space differs here too.

CREATE TABLE OrleansQuery (
  QueryKey  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  QueryText TEXT        CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (QueryKey)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE OrleansMembershipVersionTable (
  DeploymentId VARCHAR(150) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  Version      INT          NOT NULL,
  PRIMARY KEY (DeploymentId)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE OrleansMembershipTable (
  DeploymentId VARCHAR(150)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  Address      VARCHAR(45)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  Port         INT           NOT NULL,
  Generation   INT           NOT NULL,
  SiloName     VARCHAR(150)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  HostName     VARCHAR(150)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  Status       INT           NOT NULL,
  ProxyPort    INT           NULL,
  SuspectTimes TEXT          CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  StartTime    DATETIME(3)   NOT NULL,
  IAmAliveTime DATETIME(3)   NOT NULL,
  PRIMARY KEY (DeploymentId, Address, Port, Generation)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE OrleansStorage (
  ServiceId              VARBINARY(256)  NOT NULL,
  GrainTypeString        VARBINARY(640)  NOT NULL,
  GrainIdN0              BIGINT          NOT NULL,
  GrainIdN1              BIGINT          NOT NULL,
  GrainIdExtensionString VARBINARY(2048) NOT NULL,
  PayloadBinary          LONGBLOB        NULL,
  ModifiedOn             DATETIME(3)     NOT NULL,
  Version                INT             NOT NULL,
  PRIMARY KEY (ServiceId, GrainTypeString, GrainIdN0, GrainIdN1, GrainIdExtensionString)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
