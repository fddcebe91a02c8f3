#!/usr/bin/env bash
# Builds the solution and runs every test on this machine; installs the servers that the tests start themselves.
#   test/run.sh                    all of them, on MariaDB
#   test/run.sh --mysql            cluster tests on a real MySQL too
#   test/run.sh Grains Hosting     only these projects (test/NAME.Tests)
#   test/run.sh --no-build …       what was built last, in Release
# Prints "N passed, N failed" last; a skipped test counts as failed. Exits non-zero unless all passed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/debian.sh

# A whole project's time. The slowest one starts processes and kills them.
readonly PROJECT_TIMEOUT=${PROJECT_TIMEOUT:-1500}
readonly PACKAGES=(mariadb-server mariadb-client clamav clamav-daemon clamav-testfiles
  docker-compose python3-yaml python3-jsonschema nginx-light openssl curl jq chromium)

build=yes
filter=()
for argument in "$@"; do
  case $argument in
    --mysql) export SHITOPS_DATABASE=mysql ;;
    --no-build) build=no ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) echo "unknown option $argument; see --help" >&2; exit 2 ;;
    *) filter+=("${argument%.Tests}") ;;
  esac
done

say() { printf '\n== %s\n' "$*"; }

wanted() {
  [ ${#filter[@]} -eq 0 ] && return 0
  local name
  for name in "${filter[@]}"; do [ "$name" = "$1" ] && return 0; done
  return 1
}

passed=0
failed=0
broken=()

# Adds what the project's own summary counts. Without a summary the project broke off, which is a failure.
run_project() {
  local folder=$1 name=$2 log=$results/$2.log status=0 began=$SECONDS
  say "$name.Tests"
  timeout --kill-after=30 "$PROJECT_TIMEOUT" dotnet "$folder/bin/Release/net10.0/ShitOps.$name.Tests.dll" \
    -noLogo -noColor -trx "$results/$name.trx" </dev/null >"$log" 2>&1 || status=$?
  local counters total=0 good=0
  counters=$(grep -o '<Counters [^>]*' "$results/$name.trx" 2>/dev/null | head -1 || true)
  total=$(sed -n 's/.* total="\([0-9]*\)".*/\1/p' <<<"$counters")
  good=$(sed -n 's/.* passed="\([0-9]*\)".*/\1/p' <<<"$counters")
  total=${total:-0} good=${good:-0}
  local bad=$((total - good))
  if [ "$total" -eq 0 ] || { [ $status -ne 0 ] && [ $bad -eq 0 ]; }; then bad=$((bad + 1)); fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ $bad -eq 0 ]; then
    echo "$good passed in $((SECONDS - began)) s"
  else
    broken+=("$name")
    [ $status -ne 124 ] && [ $status -ne 137 ] || echo "stopped after $PROJECT_TIMEOUT s"
    [ "$total" -gt 0 ] || echo "no test was run (exit code $status)"
    tail -n 400 "$log"
    echo "$good passed, $bad failed or skipped in $((SECONDS - began)) s"
    # Told again at the very end, in short: what comes last is what is read first.
    grep -F -A 3 '[FAIL]' "$log" | cut -c 1-300 >>"$results/failures.txt" || true
  fi
}

ensure_sdk
ensure_packages "${PACKAGES[@]}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 SHITOPS_CONFIGURATION=Release
results=$(mktemp -d "${TMPDIR:-/tmp}/shitops-results-XXXXXX")

if [ $build = yes ]; then
  say "building"
  dotnet build ShitOps.Orleans.sln --configuration Release --nologo --verbosity quiet -warnaserror </dev/null
fi

if [ ${#filter[@]} -eq 0 ]; then
  say "known vulnerabilities of packages"
  if eng/audit.sh </dev/null; then :; else
    failed=$((failed + 1))
    broken+=(audit)
  fi
fi

for folder in test/*.Tests; do
  name=$(basename "$folder" .Tests)
  if wanted "$name"; then run_project "$folder" "$name"; fi
done

if [ ${#broken[@]} -gt 0 ]; then
  say "failed: ${broken[*]} (logs in $results)"
  cat "$results/failures.txt" 2>/dev/null || true
else
  rm -rf "$results"
fi
[ $((passed + failed)) -gt 0 ] || { echo "no test project of that name" >&2; failed=1; }
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
