-- Who may do what in the database. @…@ are put in by deploy/setup/secrets.sh; deploy/mysql/users.sh runs it at the first
-- start of the server, and whoever runs a server of their own may run it by hand.

-- Silos write everything, and bring the schema up to date when they start. They drop no table, and hand on no right.
CREATE USER 'shitops'@'%' IDENTIFIED BY '@SILO_PASSWORD@';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON shitops.* TO 'shitops'@'%';

-- Gateways look up silos, and the key ring by which the keys of bodies are wrapped. They touch no message.
-- CREATE is there because the server takes no grant on a table that is not made yet without it; where the table is there,
-- it gives nothing.
CREATE USER 'shitops-gateway'@'%' IDENTIFIED BY '@GATEWAY_PASSWORD@';
GRANT SELECT, CREATE ON shitops.OrleansQuery TO 'shitops-gateway'@'%';
GRANT SELECT, CREATE ON shitops.OrleansMembershipTable TO 'shitops-gateway'@'%';
GRANT SELECT, CREATE ON shitops.key_ring TO 'shitops-gateway'@'%';
