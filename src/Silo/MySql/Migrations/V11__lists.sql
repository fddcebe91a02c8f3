-- The newest of a reason, and of a team: both lists are read from their index, however many letters there are.
ALTER TABLE dead_letter
  ADD KEY newest (reason, at),
  ADD KEY newest_of_team (team, reason, at),
  DROP KEY grouped;

-- What a team was sent is listed by message: the index of the inbox holds it, so that no row need be fetched to sort.
ALTER TABLE delivery
  DROP KEY inbox,
  ADD KEY inbox (team, state, rank_, seq, message_id);

-- How many of an open ask have answered is counted in the index, not in rows with replies in them.
ALTER TABLE ask_team
  ADD KEY answered (ask_id, state);
