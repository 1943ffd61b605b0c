-- v4 -> v5: databases that were restored

-- Has a row in a database that began as a backup.
CREATE TABLE restored (
    made  BIGINT NOT NULL, -- when the backup was
    since BIGINT NOT NULL  -- when a bot first ran with it; 0 before
);
