-- An outbox belongs to its team, wherever that stands: moving a team moves no rows.
CREATE INDEX message_outbox_of ON message (state, tree, from_team, seq);
DROP INDEX message_outbox;

-- A change of the tree that takes a team from a hub raises the hub's generation too, and tells by which epoch: what the
-- hub accepts from then on it accepts by that tree or a newer one. "moves" counts these, so that its owner can tell them
-- from another who has taken the hub.
ALTER TABLE hub ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hub ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
