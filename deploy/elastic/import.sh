#!/usr/bin/env bash
# Imports every *.ndjson of a folder into Kibana, over what is there of the same id. May be run again. Needs bash and curl.
#   import.sh URL SECRETS FOLDER
set -euo pipefail
shopt -s nullglob
url=${1:?usage: import.sh URL SECRETS FOLDER} secrets=${2:?usage: import.sh URL SECRETS FOLDER} folder=${3:?usage: import.sh URL SECRETS FOLDER}

status=0
for file in "$folder"/*.ndjson; do
  # 200 with success:false is a failure too: a reference that is not there, or an object of a newer Kibana.
  answer=$(curl --silent --show-error --retry 5 --retry-all-errors --netrc-file "$secrets/netrc" --header "kbn-xsrf: true" \
    --form "file=@$file" "$url/api/saved_objects/_import?overwrite=true") || answer="no answer"
  if [[ $answer =~ \"success\"[[:space:]]*:[[:space:]]*true ]]; then
    echo "imported ${file##*/}"
  else
    echo "not imported: ${file##*/}: $answer" >&2
    status=1
  fi
done
exit $status
