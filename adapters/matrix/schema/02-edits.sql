-- v1 -> v2: edits, which can be taken back without the messages that they edit

-- What is left of an edit that was taken back doesn't tell what it was.
CREATE TABLE matrix_edit (
    workspace TEXT NOT NULL,
    event     TEXT NOT NULL,
    message   TEXT NOT NULL,
    PRIMARY KEY (workspace, event)
);
CREATE INDEX matrix_edit_message ON matrix_edit (workspace, message);
