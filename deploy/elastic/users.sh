#!/usr/bin/env bash
# Gives Elasticsearch its users: Kibana's own, and those that write. May be run again. Needs bash and curl.
#   users.sh URL SECRETS
set -euo pipefail
url=${1:?usage: users.sh URL SECRETS} secrets=${2:?usage: users.sh URL SECRETS}

call() { curl --silent --show-error --fail-with-body --cacert "$secrets/ca.crt" --netrc-file "$secrets/netrc" --header "Content-Type: application/json" "$@"; }

# Yellow: one node holds every first copy. Until then it may answer 503, or nothing.
until call "$url/_cluster/health?wait_for_status=yellow&timeout=30s" >/dev/null; do sleep 2; done

user() { # NAME ROLE
  local password
  password=$(<"$secrets/$1.json")
  printf '%s,"roles":["%s"]}' "${password%\}}" "$2" | call --request PUT "$url/_security/user/$1" --data @- >/dev/null
}

call --request POST "$url/_security/user/kibana_system/_password" --data "@$secrets/kibana_system.json" >/dev/null

# The silo sets templates and lifecycle up, then only adds documents.
call --request PUT "$url/_security/role/shitops" --data @- >/dev/null <<'JSON'
{
  "cluster": ["monitor", "manage_index_templates", "manage_ilm"],
  "indices": [{
    "names": ["logs-shitops.*", "metrics-shitops.*"],
    "privileges": ["auto_configure", "create_doc", "view_index_metadata", "maintenance", "manage"]
  }]
}
JSON
user shitops shitops

call --request PUT "$url/_security/role/collector" --data @- >/dev/null <<'JSON'
{
  "cluster": ["monitor"],
  "indices": [{ "names": ["logs-*", "metrics-*", "traces-*"], "privileges": ["auto_configure", "create_doc"] }]
}
JSON
user collector collector
echo "users are set up"
