-- v2 -> v3: hosts in control, people who are answered privately, and people who keep out

ALTER TABLE chats ADD COLUMN held BIGINT NOT NULL DEFAULT 0;     -- since when nothing of its timetable is said; 0 when it goes on
ALTER TABLE chats ADD COLUMN extended BIGINT NOT NULL DEFAULT 0; -- by how much its hosts have put off the end, in milliseconds

ALTER TABLE posts ADD COLUMN link TEXT NOT NULL DEFAULT ''; -- where people find it; '' for unknown
CREATE INDEX posts_turns ON posts (workspace, room, due) WHERE lane = 0 AND said = 0 AND tried = 0 AND failed = '';

ALTER TABLE answers ADD COLUMN absent BOOLEAN NOT NULL DEFAULT FALSE;  -- its author keeps out of everything
ALTER TABLE answers ADD COLUMN withheld BOOLEAN NOT NULL DEFAULT FALSE; -- its author keeps this one message out

DELETE FROM posts WHERE kind = 'whisper'; -- they have a table of their own

-- What is said to one person alone. Once it is said, its words are erased; the row stays so that it isn't said again.
CREATE TABLE whispers (
    key       TEXT   NOT NULL PRIMARY KEY,
    workspace TEXT   NOT NULL,
    room      TEXT   NOT NULL, -- '' for a private conversation
    who       TEXT   NOT NULL,
    about     TEXT   NOT NULL, -- workspace/user of another person whose words are in it; '' for nobody
    text      TEXT   NOT NULL,
    buttons   TEXT   NOT NULL, -- a JSON list; '' for none
    due       BIGINT NOT NULL,
    until     BIGINT NOT NULL, -- when it is no longer worth saying
    said      BIGINT NOT NULL  -- 0 until it is said or given up
);
CREATE INDEX whispers_queue ON whispers (workspace, due, key) WHERE said = 0;

-- Commands that were heard, so that each is carried out once. A row says neither who gave the command nor what it was,
-- and is forgotten when the command would be too old.
CREATE TABLE commands (
    key   TEXT   NOT NULL PRIMARY KEY, -- a digest
    heard BIGINT NOT NULL
);
CREATE INDEX commands_heard ON commands (heard);

-- What hosts did, and what was erased. Rows are only ever added; erasing a person takes their ID out of theirs.
CREATE TABLE audit (
    key       TEXT   NOT NULL PRIMARY KEY,
    at        BIGINT NOT NULL,
    chat      TEXT   NOT NULL, -- '' for none
    workspace TEXT   NOT NULL, -- of the host; '' for whoever is at the machine
    who       TEXT   NOT NULL,
    what      TEXT   NOT NULL
);
CREATE INDEX audit_chat ON audit (chat, at);

-- The questions that a host asked on the night, numbered on after those of the chat file.
CREATE TABLE asked (
    chat      TEXT   NOT NULL REFERENCES chats (slug),
    n         BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    text      TEXT   NOT NULL,
    workspace TEXT   NOT NULL, -- of the person whose suggestion it was and who is named for it; '' for nobody
    who       TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    PRIMARY KEY (chat, n)
);

-- What waits for a host's decision. Of one without a name, nothing tells who sent it, and no time tells when.
CREATE TABLE suggestions (
    chat      TEXT   NOT NULL REFERENCES chats (slug),
    n         BIGINT NOT NULL,
    kind      TEXT   NOT NULL, -- 'question', or 'anonymous' for a message
    step      TEXT   NOT NULL, -- what was live
    text      TEXT   NOT NULL, -- '' once it is decided
    workspace TEXT   NOT NULL, -- '' for an anonymous one
    who       TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    decided   TEXT   NOT NULL, -- '' while it waits, then 'accepted' or 'declined'
    PRIMARY KEY (chat, n)
);

-- When people keep out of relay and archive: what they say in between stays out for good.
CREATE TABLE absences (
    workspace TEXT   NOT NULL,
    who       TEXT   NOT NULL, -- a digest: nothing else may be left of somebody who was erased
    since     BIGINT NOT NULL, -- by the platform's clock
    until     BIGINT NOT NULL, -- 0 for not yet
    PRIMARY KEY (workspace, who, since)
);

-- Names that people have chosen for themselves.
CREATE TABLE pseudonyms (
    workspace TEXT   NOT NULL,
    who       TEXT   NOT NULL,
    name      TEXT   NOT NULL, -- '' for the one that they show, after another
    alias     TEXT   NOT NULL, -- stands for the user ID in archives while there is a pseudonym
    chosen    BIGINT NOT NULL, -- by the platform's clock
    PRIMARY KEY (workspace, who)
);
