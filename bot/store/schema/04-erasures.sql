-- v3 -> v4: erasures that are not complete, and suggestions that are edited

-- What is left to do of erasing people: until a row is gone, something of them may be left. Its name is taken out as soon as
-- nothing else is but to overwrite what was deleted.
CREATE TABLE erasures (
    workspace TEXT   NOT NULL,
    who       TEXT   NOT NULL, -- '' once nothing but overwriting is left
    at        BIGINT NOT NULL,
    PRIMARY KEY (workspace, who)
);

-- The key of the command by which it was made, a digest, so that whoever edits or deletes what they said changes it.
-- '' for an anonymous one: the message that it was would tell its author.
ALTER TABLE suggestions ADD COLUMN command TEXT NOT NULL DEFAULT '';
