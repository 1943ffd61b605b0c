-- v5 -> v6: tables and columns take the names that the program uses

ALTER TABLE chats RENAME COLUMN held TO paused_since;
ALTER TABLE chats RENAME COLUMN extended TO extended_ms;

ALTER TABLE rooms RENAME COLUMN wanted TO configured_as;
ALTER TABLE rooms RENAME COLUMN heard TO received_until;

ALTER TABLE posts RENAME COLUMN under TO parent_key;
ALTER TABLE posts RENAME COLUMN onto TO parent_message;
ALTER TABLE posts RENAME COLUMN until TO expires;
ALTER TABLE posts RENAME COLUMN trying TO tried_text;
ALTER TABLE posts RENAME COLUMN sent TO sent_text;
ALTER TABLE posts RENAME COLUMN said TO posted;
ALTER TABLE posts RENAME COLUMN failed TO fail_reason;
UPDATE posts SET kind = 'notice' WHERE kind = 'line';
UPDATE posts SET kind = 'superseded' WHERE kind = 'taken';
DROP INDEX posts_turns;
CREATE INDEX posts_upcoming ON posts (workspace, room, due) WHERE lane = 0 AND posted = 0 AND tried = 0 AND fail_reason = '';

ALTER TABLE answers RENAME COLUMN place TO section_order;
ALTER TABLE answers RENAME COLUMN how TO matched_by;
ALTER TABLE answers RENAME COLUMN gone TO deleted;
ALTER TABLE answers RENAME COLUMN absent TO opted_out;

ALTER TABLE undecrypted RENAME COLUMN settled TO resolved;

ALTER TABLE whispers RENAME TO ephemerals;
ALTER TABLE ephemerals RENAME COLUMN who TO recipient;
ALTER TABLE ephemerals RENAME COLUMN about TO quoted_user;
ALTER TABLE ephemerals RENAME COLUMN until TO expires;
ALTER TABLE ephemerals RENAME COLUMN said TO posted;
DROP INDEX whispers_queue;
CREATE INDEX ephemerals_queue ON ephemerals (workspace, due, key) WHERE posted = 0;

ALTER TABLE commands RENAME COLUMN heard TO received;
ALTER TABLE audit RENAME COLUMN what TO action;
ALTER TABLE suggestions RENAME COLUMN decided TO decision;
ALTER TABLE asked RENAME TO added_questions;
ALTER TABLE absences RENAME TO opt_outs;
