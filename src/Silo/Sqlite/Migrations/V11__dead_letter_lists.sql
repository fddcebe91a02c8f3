-- The newest of a reason, and of a team: both lists are read from their index, however many letters there are.
CREATE INDEX dead_letter_newest ON dead_letter (reason, at);
CREATE INDEX dead_letter_newest_of_team ON dead_letter (team, reason, at);
DROP INDEX dead_letter_grouped;
