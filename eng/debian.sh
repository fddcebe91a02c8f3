# For scripts that need Debian packages: sourced, not run.
#   missing_packages NAME…   prints those that are not installed
#   install_packages NAME…   installs them without starting what they bring

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo --preserve-env=DEBIAN_FRONTEND,RUNLEVEL "$@"
  else echo "installing packages needs root" >&2; return 1
  fi
}

missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)" = "install ok installed" ] || echo "$package"
  done
}

# Debian starts a server once it is installed. Tests and benches start their own: a refusal for the time of the installation.
install_packages() {
  local guard=/usr/sbin/policy-rc.d made_guard=no status=0
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  if [ ! -e $guard ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $guard >/dev/null
    as_root chmod 755 $guard
    made_guard=yes
  fi
  as_root apt-get install -qy --no-install-recommends "$@" \
    || { as_root apt-get update -q && as_root apt-get install -qy --no-install-recommends "$@"; } \
    || status=$?
  [ $made_guard = no ] || as_root rm -f $guard
  return $status
}

# Installs what is missing; elsewhere than on Debian it says what must be there.
ensure_packages() {
  command -v dpkg-query >/dev/null || { echo "not a Debian system: $* must be there" >&2; return; }
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -gt 0 ]; then
    printf '\n== installing %s\n' "${missing[*]}"
    install_packages "${missing[@]}" </dev/null
  fi
}

ensure_sdk() {
  command -v dotnet >/dev/null || { echo "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download" >&2; exit 1; }
  dotnet --version >/dev/null 2>&1 || { echo "the SDK that global.json asks for is needed:" >&2; dotnet --version >&2 || true; exit 1; }
}
