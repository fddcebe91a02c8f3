#!/usr/bin/env bash
# Makes the passwords, keys and certificates of the compose file, one folder a service below FOLDER. What is there stays
# as it is: to have one made anew, remove it and start again. Needs bash and openssl.
#   secrets.sh FOLDER
# SHITOPS_HOSTS: further names and addresses in the proxy's certificate, with commas.
# SHITOPS_ELASTIC=no: silos send the journal nowhere, and get no password for it.
# SHITOPS_DATABASE_SERVER: where silos and gateways find the database, as MySqlConnector's Server; mysql without it.
set -euo pipefail
umask 077

root=${1:?usage: secrets.sh FOLDER}
authority=$root/authority
mkdir -p "$authority"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A whole file or none: what is half written must not count as made.
put() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.part"
  mv "$1.part" "$1"
}

# A password kept by the authority, from which every file that shows it is written. It begins with a letter, so that
# no reader of YAML takes it for a number.
password() {
  [ -s "$authority/$1" ] || printf 'k%s' "$(openssl rand -hex 24)" | put "$authority/$1"
  cat "$authority/$1"
}

share() { printf '%s' "$(password "$1")" | put "$2"; }

make_authority() {
  [ -s "$authority/ca.crt" ] && return
  openssl ecparam -name prime256v1 -genkey -noout -out "$authority/ca.key"
  openssl req -x509 -new -key "$authority/ca.key" -days 3650 -subj "/CN=ShitOps CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$work/ca.crt"
  put "$authority/ca.crt" <"$work/ca.crt"
}

# NAME.key and NAME.crt in FOLDER, for these hosts.
#   certificate FOLDER NAME HOST...
certificate() {
  local folder=$1 name=$2 names="" host
  shift 2
  # A month before its end it is made anew, at the next start of the whole.
  [ -s "$folder/$name.crt" ] && openssl x509 -in "$folder/$name.crt" -noout -checkend 2592000 >/dev/null && return
  for host in "$@"; do
    if [[ $host =~ ^[0-9.]+$ || $host == *:* ]]; then names+=",IP:$host"; else names+=",DNS:$host"; fi
  done
  openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/$name.key"
  openssl req -new -key "$work/$name.key" -subj "/CN=$1" -out "$work/$name.csr"
  printf '%s\n' "subjectAltName=${names#,}" "extendedKeyUsage=serverAuth" "basicConstraints=CA:FALSE" >"$work/$name.ext"
  openssl x509 -req -in "$work/$name.csr" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -CAcreateserial \
    -days 825 -extfile "$work/$name.ext" -out "$work/$name.crt" 2>/dev/null
  put "$folder/$name.key" <"$work/$name.key"
  put "$folder/$name.crt" <"$work/$name.crt"
}

# Folder and files belong to the one that reads them, and to nobody else.
#   hand_over SERVICE USER
hand_over() {
  find "$root/$1" -type f -exec chmod 400 {} +
  chmod 700 "$root/$1"
  if [ "$(id -u)" -eq 0 ]; then chown -R "$2" "$root/$1"; fi
}

make_authority
[ -s "$authority/sealing-key" ] || openssl rand -base64 32 | put "$authority/sealing-key"

share mysql "$root/mysql/password"
share mysql-root "$root/mysql/root-password"
sed "s/@SILO_PASSWORD@/$(password mysql)/; s/@GATEWAY_PASSWORD@/$(password mysql-gateway)/" \
  "$(dirname "${BASH_SOURCE[0]}")/../mysql/users.sql" | put "$root/mysql/users.sql"
connect() {
  printf 'Server=%s;Database=shitops;User ID=%s;Password=%s' "${SHITOPS_DATABASE_SERVER:-mysql}" "$1" "$(password "$2")"
}
connect shitops mysql | put "$root/silo/ConnectionStrings__ShitOps"
connect shitops-gateway mysql-gateway | put "$root/gateway/ConnectionStrings__ShitOps"
for program in silo gateway; do
  put "$root/$program/sealing-key" <"$authority/sealing-key"
done
# The silo asks for it at its dashboard.
share operator "$root/silo/SHITOPS_OPERATOR_KEY"
share operator "$root/gateway/SHITOPS_OPERATOR_KEY"
share security "$root/gateway/SHITOPS_SECURITY_KEY"
if [ "${SHITOPS_ELASTIC:-}" != no ]; then share elastic-shitops "$root/silo/Elastic__Password"; fi

share elastic "$root/elasticsearch/elastic-password"
certificate "$root/elasticsearch" http elasticsearch localhost 127.0.0.1
# Files that curl reads, so that no password stands on a command line.
printf 'machine elasticsearch login elastic password %s\nmachine kibana login elastic password %s\n' \
  "$(password elastic)" "$(password elastic)" | put "$root/elastic-setup/netrc"
for user in kibana_system:elastic-kibana shitops:elastic-shitops collector:elastic-collector; do
  printf '{"password":"%s"}' "$(password "${user#*:}")" | put "$root/elastic-setup/${user%:*}.json"
done
put "$root/kibana/kibana.yml" <<YAML
elasticsearch.password: $(password elastic-kibana)
xpack.security.encryptionKey: $(password kibana-security)
xpack.encryptedSavedObjects.encryptionKey: $(password kibana-objects)
xpack.reporting.encryptionKey: $(password kibana-reporting)
YAML
share elastic-collector "$root/otel/elastic-password"

IFS=, read -r -a hosts <<<"${SHITOPS_HOSTS:-}"
certificate "$root/proxy" proxy localhost 127.0.0.1 ::1 "${hosts[@]}"
for service in silo proxy elasticsearch elastic-setup kibana otel; do
  put "$root/$service/ca.crt" <"$authority/ca.crt"
done

# The users of the images: MySQL 999, .NET 1654, Elastic 1000, nginx-unprivileged 101, the collector 10001.
hand_over mysql 999:999
hand_over silo 1654:1654
hand_over gateway 1654:1654
hand_over proxy 101:101
hand_over elasticsearch 1000:0
hand_over elastic-setup 1000:0
hand_over kibana 1000:0
hand_over otel 10001:10001
chmod 700 "$authority"
