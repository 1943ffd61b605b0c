-- v1 -> v2: where archives are divided into pages, and messages without a key

CREATE TABLE pages (
    chat  TEXT   NOT NULL REFERENCES chats (slug),
    view  TEXT   NOT NULL, -- a section; '' for all answers in time order
    since BIGINT NOT NULL, -- it begins with what was said then; 0 for the view's first page
    last  BIGINT NOT NULL, -- until when it has been shown: no page begins up to then that wasn't there
    PRIMARY KEY (chat, view, since)
);

CREATE TABLE undecrypted (
    workspace TEXT    NOT NULL,
    room      TEXT    NOT NULL,
    message   TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    settled   BOOLEAN NOT NULL, -- it was read later, or taken back
    PRIMARY KEY (workspace, room, message)
);
