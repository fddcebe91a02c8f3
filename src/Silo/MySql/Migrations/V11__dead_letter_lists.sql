-- The newest of a reason, and of a team: both lists are read from their index, however many letters there are.
ALTER TABLE dead_letter
  ADD KEY newest (reason, at),
  ADD KEY newest_of_team (team, reason, at),
  DROP KEY grouped;
