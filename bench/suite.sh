#!/usr/bin/env bash
# Measures everything that docs/performance.md tells, one row after the other, and writes it as JSON and Markdown.
#   bench/suite.sh                          about an hour; results in artifacts/bench
#   bench/suite.sh --only bulk,idle         some rows, and no peers
#   bench/suite.sh --scale 0.01             everything with small numbers: does it work?
# Nothing else should run beside it.
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/debian.sh"

ensure_sdk
ensure_packages mariadb-server mariadb-client clamav clamav-daemon
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
results=$root/artifacts/bench
mkdir -p "$results"
dotnet build "$root/bench/Pipeline" --configuration Release --nologo --verbosity quiet </dev/null
status=0
dotnet "$root/bench/Pipeline/bin/Release/net10.0/ShitOps.Pipeline.dll" suite --json "$results/suite.json" --markdown "$results/suite.md" "$@" || status=$?
case " $* " in
  *" --only "* | *" --scale "*) ;;
  *) "$root/bench/peers.sh" --json "$results/peers.json" || status=$? ;;
esac
echo "results are in $results"
exit $status
