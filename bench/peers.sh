#!/usr/bin/env bash
# Compares this system with what a team would build from RabbitMQ, clamd and MySQL, all on this machine's loopback.
#   bench/peers.sh                          three rounds of 20,000 messages of 1 KiB each; prints medians and ratios
#   bench/peers.sh --json peers.json        … and writes every figure of every round
#   bench/peers.sh --messages 5000 --rounds 1
# On Debian it installs the servers that are missing. They are started in folders of their own, one bench after the other,
# and ended by their process ids; no service is touched. Nothing else should run beside it.
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/debian.sh"

ensure_sdk
ensure_packages rabbitmq-server mariadb-server mariadb-client clamav clamav-daemon
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$root/bench/Peer" --configuration Release --nologo --verbosity quiet </dev/null
exec dotnet "$root/bench/Peer/bin/Release/net10.0/ShitOps.Peer.dll" compare "$@"
