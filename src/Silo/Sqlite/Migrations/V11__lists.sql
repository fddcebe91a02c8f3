-- The newest of a reason, and of a team: both lists are read from their index, however many letters there are.
CREATE INDEX dead_letter_newest ON dead_letter (reason, at);
CREATE INDEX dead_letter_newest_of_team ON dead_letter (team, reason, at);
DROP INDEX dead_letter_grouped;

-- What a team was sent is listed by message: the index of the inbox holds it, so that no row need be fetched to sort.
DROP INDEX delivery_inbox;
CREATE INDEX delivery_inbox ON delivery (team, state, rank_, seq, message_id);

-- How many of an open ask have answered is counted in the index, not in rows with replies in them.
CREATE INDEX ask_team_answered ON ask_team (ask_id, state);
