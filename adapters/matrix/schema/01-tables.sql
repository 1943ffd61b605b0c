-- v0 -> v1: the device, its rooms, and what happened in them that must not be forgotten
-- Keys are made of names, so that every write can be repeated. Times are milliseconds UTC; 0 is "never".

-- One row per workspace: the device as which it is logged in, and how far it has heard.
CREATE TABLE matrix_device (
    workspace  TEXT NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL,
    device     TEXT NOT NULL,
    token      TEXT NOT NULL, -- of a password's login; '' where the admin gave a token
    pickle_key TEXT NOT NULL, -- under which the device's keys are stored
    next_batch TEXT NOT NULL  -- the sync token up to which everything was stored; '' before the first
);

-- The rooms that were entered. A room and its successors stand for one and the same place.
CREATE TABLE matrix_room (
    workspace TEXT   NOT NULL,
    room      TEXT   NOT NULL,
    place     TEXT   NOT NULL, -- the ID by which others know it: that of the first of these rooms
    wanted    TEXT   NOT NULL, -- the name by which it was joined
    entered   BIGINT NOT NULL, -- what was said before is not heard
    newest    TEXT   NOT NULL, -- the last event that was heard; '' for none
    newest_at BIGINT NOT NULL,
    PRIMARY KEY (workspace, room)
);

-- Where a thread goes on whose root is in a room that was replaced.
CREATE TABLE matrix_anchor (
    workspace TEXT NOT NULL,
    room      TEXT NOT NULL, -- the successor
    root      TEXT NOT NULL, -- by which others know the thread
    event     TEXT NOT NULL, -- what repeats it in the successor
    PRIMARY KEY (workspace, room, root)
);

-- The pieces after the first of posts that are too long for one message.
CREATE TABLE matrix_piece (
    workspace TEXT    NOT NULL,
    first     TEXT    NOT NULL, -- the event of the first piece
    number    INTEGER NOT NULL, -- 2, 3, …
    event     TEXT    NOT NULL,
    PRIMARY KEY (workspace, first, number)
);

-- Who has put which emoji on what: taking it off names this event alone.
CREATE TABLE matrix_reaction (
    workspace TEXT NOT NULL,
    event     TEXT NOT NULL,
    message   TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    emoji     TEXT NOT NULL,
    PRIMARY KEY (workspace, event)
);

-- Encrypted events whose keys have not come yet.
CREATE TABLE matrix_undecrypted (
    workspace TEXT    NOT NULL,
    event     TEXT    NOT NULL,
    room      TEXT    NOT NULL,
    sender    TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    content   TEXT    NOT NULL, -- as it was received
    heard     BIGINT  NOT NULL, -- when it was
    asked     BOOLEAN NOT NULL, -- for its keys
    PRIMARY KEY (workspace, event)
);

-- The rooms for private conversations.
CREATE TABLE matrix_direct (
    workspace TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    room      TEXT NOT NULL,
    PRIMARY KEY (workspace, user_id)
);
