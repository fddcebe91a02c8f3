# Read by the image's start script, at the first start of the server and never again: not a program of its own.
docker_process_sql </run/secrets/users.sql
