#!/bin/bash
# 0 if an address answers 200. The image has neither curl nor wget.
#   healthy.sh http://HOST:PORT/PATH
set -euo pipefail
[[ ${1:?usage: healthy.sh URL} =~ ^http://([^:/]+):([0-9]+)(/.*)$ ]] || { echo "not http://HOST:PORT/PATH: $1" >&2; exit 2; }
exec 3<>"/dev/tcp/${BASH_REMATCH[1]}/${BASH_REMATCH[2]}"
printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "${BASH_REMATCH[3]}" "${BASH_REMATCH[1]}" >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
