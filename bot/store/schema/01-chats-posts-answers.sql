-- v0 -> v1: chats, rooms, posts, answers and reactions
-- Keys are made of names, so that every write can be repeated. Times are milliseconds UTC; 0 is "never".

CREATE TABLE chats (
    slug     TEXT   NOT NULL PRIMARY KEY,
    file     TEXT   NOT NULL, -- the chat file
    hashtag  TEXT   NOT NULL, -- lower case, with "#"; '' for none
    ends     BIGINT NOT NULL, -- as the chat file plans it: the overrun counts from here
    changed  BIGINT NOT NULL, -- rises with each change of an answer
    archived BIGINT NOT NULL  -- the value of changed when the archive was last written; -1 before the first
);

CREATE TABLE rooms (
    workspace TEXT    NOT NULL,
    room      TEXT    NOT NULL,
    name      TEXT    NOT NULL, -- as its people call it
    wanted    TEXT    NOT NULL, -- as the admin wrote it
    own       BOOLEAN NOT NULL, -- untagged talk counts while a question is live
    active    BOOLEAN NOT NULL, -- still configured
    heard     BIGINT  NOT NULL, -- it was heard without a gap until then, while a chat was on
    PRIMARY KEY (workspace, room)
);

CREATE TABLE posts (
    key       TEXT   NOT NULL PRIMARY KEY, -- chat/step@workspace/room, or the source message > workspace/room
    chat      TEXT   NOT NULL REFERENCES chats (slug),
    workspace TEXT   NOT NULL,
    room      TEXT   NOT NULL,
    step      TEXT   NOT NULL, -- the agenda's step that it says, or in whose thread it belongs
    kind      TEXT   NOT NULL, -- the step's kind, or 'relay', 'reaction', 'whisper'
    lane      BIGINT NOT NULL, -- 0: the chat's own steps, which never wait behind 1: what is passed on
    seq       BIGINT NOT NULL, -- orders posts that are due at the same time
    under     TEXT   NOT NULL, -- the key of the post in whose thread, or on which, it is said; '' for none
    onto      TEXT   NOT NULL, -- the same for a message that is not a post
    source    TEXT   NOT NULL, -- the key of the answer that it passes on; '' for none
    author    TEXT   NOT NULL, -- workspace/user of the source's author, or the user to whom it is whispered
    name      TEXT   NOT NULL, -- the persona under which it is said; '' for the bot's own
    picture   TEXT   NOT NULL,
    origin    TEXT   NOT NULL,
    planned   BIGINT NOT NULL, -- when the chat file wants it
    due       BIGINT NOT NULL, -- when it is to be said, after all that moved it
    until     BIGINT NOT NULL, -- when it is no longer worth saying
    text      TEXT   NOT NULL, -- as it should read; '' when it should not be there
    trying    TEXT   NOT NULL, -- the text of the first try
    tried     BIGINT NOT NULL, -- the time of the first try: until it is said, the post is in doubt
    sent      TEXT   NOT NULL, -- as it reads there; '' when nothing is there
    message   TEXT   NOT NULL, -- its ID there; '' until it is known to be said
    said      BIGINT NOT NULL, -- when it appeared there
    failed    TEXT   NOT NULL  -- why it will not be said
);
-- SQLite parses a statement again at every run if a partial index compares a column with a constant where the statement
-- compares it with a parameter: the conditions below are on columns that no statement does that with.
CREATE INDEX posts_queue ON posts (workspace, room, lane, due, seq) WHERE (text <> sent OR (said = 0 AND tried <> 0)) AND failed = '';
CREATE INDEX posts_message ON posts (workspace, room, message) WHERE message <> '';
CREATE INDEX posts_doubt ON posts (workspace, room, tried) WHERE said = 0 AND tried <> 0 AND failed = '';
CREATE INDEX posts_steps ON posts (workspace, room, said) WHERE lane = 0;
CREATE INDEX posts_chat ON posts (chat, step) WHERE lane = 0;
CREATE INDEX posts_source ON posts (source) WHERE source <> '';
CREATE INDEX posts_author ON posts (workspace, room, author, due) WHERE lane = 1;

CREATE TABLE answers (
    key       TEXT   NOT NULL PRIMARY KEY, -- workspace/room/message
    workspace TEXT   NOT NULL,
    room      TEXT   NOT NULL,
    message   TEXT   NOT NULL,
    thread    TEXT   NOT NULL,
    reply_to  TEXT   NOT NULL, -- the key of the answer that it replies to; '' for none
    chat      TEXT   NOT NULL, -- '' while it waits for a post in doubt, and for the tombstone of an unheard message
    step      TEXT   NOT NULL,
    place     BIGINT NOT NULL, -- the section's place in the transcript
    section   TEXT   NOT NULL,
    how       TEXT   NOT NULL,
    author    TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    picture   TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    files     TEXT   NOT NULL, -- a JSON list; '' for none
    at        BIGINT NOT NULL,
    edited    BIGINT NOT NULL,
    gone      BIGINT NOT NULL,
    late      BOOLEAN NOT NULL
);
CREATE INDEX answers_time ON answers (chat, at, key);
CREATE INDEX answers_place ON answers (chat, place, at, key);
CREATE INDEX answers_person ON answers (workspace, author, chat);
CREATE INDEX answers_thread ON answers (workspace, room, thread, at);

CREATE TABLE reactions (
    answer    TEXT NOT NULL, -- the key of the answer, whichever copy it was put on
    emoji     TEXT NOT NULL,
    workspace TEXT NOT NULL,
    room      TEXT NOT NULL, -- where the person saw the answer
    who       TEXT NOT NULL,
    PRIMARY KEY (answer, emoji, workspace, who)
);

CREATE TABLE gaps (
    workspace TEXT    NOT NULL,
    room      TEXT    NOT NULL,
    since     BIGINT  NOT NULL, -- the room was heard until then
    until     BIGINT  NOT NULL,
    filled    BOOLEAN NOT NULL, -- read afterwards from the platform's history
    PRIMARY KEY (workspace, room, since)
);
