#!/usr/bin/env bash
# Looks up known vulnerabilities of every package that the solution uses, also of those that packages bring along.
#   eng/audit.sh
# Exits 1 when there is one, and tells which; 0 when there is none, or when nobody could be asked, which it says plainly:
# "no data". Reads what was restored last, and asks the package sources that are configured.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly LIMIT=${AUDIT_LIMIT:-180}

# A source that keeps a database of vulnerabilities names it in its index; from one that does not, "none" means little.
# https://learn.microsoft.com/nuget/api/vulnerability-info
telling=0
while read -r source; do
  case $source in
    http*) index=$(curl --silent --fail --location --max-time 20 --compressed "$source" 2>/dev/null) || index= ;;
    *) index= ;;
  esac
  if grep -q VulnerabilityInfo <<<"$index"; then telling=$((telling + 1)); else echo "audit: $source keeps no list of vulnerabilities, or does not answer"; fi
done < <(dotnet nuget list source --format short | sed -n 's/^E[A-Z]* //p')

if ! found=$(timeout --kill-after=5 "$LIMIT" dotnet list ShitOps.Orleans.sln package --vulnerable --include-transitive --format json 2>&1); then
  echo "audit: no data: $(tail -n 3 <<<"${found:-it took longer than $LIMIT s}")"
  exit 0
fi
# One line a package and project, however many frameworks name it.
lines=$(sed -n '/^{/,$p' <<<"$found" | jq -r '
  .projects[]? | (.path | sub(".*/"; "")) as $project | .frameworks[]? | (.topLevelPackages[]?, .transitivePackages[]?)
  | "\(.id) \(.resolvedVersion) in \($project): " + ([.vulnerabilities[]? | "\(.severity) \(.advisoryurl)"] | join(", "))' | sort -u)
if [ -n "$lines" ]; then
  echo "audit: known vulnerabilities:"
  sed 's/^/  /' <<<"$lines"
  exit 1
fi
if [ "$telling" -eq 0 ]; then
  echo "audit: no data: nothing was found, and no source that is configured keeps a list to find it in"
else
  echo "audit: no package with a known vulnerability, as $telling source(s) tell"
fi
