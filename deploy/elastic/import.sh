#!/usr/bin/env bash
# Imports what a folder holds into Kibana: every *.ndjson, over what is there of the same id, and every rule of
# rules/NAME.ID.json that is not there yet. May be run again. Needs bash and curl.
#   import.sh URL SECRETS FOLDER
set -euo pipefail
shopt -s nullglob
url=${1:?usage: import.sh URL SECRETS FOLDER} secrets=${2:?usage: import.sh URL SECRETS FOLDER} folder=${3:?usage: import.sh URL SECRETS FOLDER}

# Saved objects and rules are the same however often they are sent, so that what was not answered is tried again.
call() { curl --silent --show-error --retry 5 --retry-connrefused --netrc-file "$secrets/netrc" --header "kbn-xsrf: true" "$@"; }

status=0
for file in "$folder"/*.ndjson; do
  # 200 with success:false is a failure too: a reference that is not there, or an object of a newer Kibana.
  answer=$(call --form "file=@$file" "$url/api/saved_objects/_import?overwrite=true") || answer="no answer"
  if [[ $answer =~ \"success\"[[:space:]]*:[[:space:]]*true ]]; then
    echo "imported ${file##*/}"
  else
    echo "not imported: ${file##*/}: $answer" >&2
    status=1
  fi
done

for file in "$folder"/rules/*.json; do
  id=${file%.json} id=${id##*.}
  # 409: it is there, with the connectors and intervals that somebody may have given to it.
  answer=$(call --header "Content-Type: application/json" --data-binary "@$file" --write-out '\n%{http_code}' "$url/api/alerting/rule/$id") || answer="no answer"
  case ${answer##*$'\n'} in
    200) echo "imported ${file##*/}" ;;
    409) echo "already there: ${file##*/}" ;;
    *) echo "not imported: ${file##*/}: $answer" >&2; status=1 ;;
  esac
done
exit $status
