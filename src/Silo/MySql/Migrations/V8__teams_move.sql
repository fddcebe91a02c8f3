-- An outbox belongs to its team, wherever that stands: moving a team moves no rows.
ALTER TABLE message
  ADD KEY outbox_of (state, tree, from_team, seq),
  DROP KEY outbox;

-- A change of the tree that takes a team from a hub raises the hub's generation too, and tells by which epoch: what the
-- hub accepts from then on it accepts by that tree or a newer one. "moves" counts these, so that its owner can tell them
-- from another who has taken the hub.
ALTER TABLE hub
  ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN moves BIGINT NOT NULL DEFAULT 0;
