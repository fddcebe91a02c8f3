#!/usr/bin/env bash
# Debian ships MariaDB only. This unpacks a real MySQL server from Debian sid into a folder, once (about 70 MB), with the
# libraries it was built against; the machine's own packages, sources and C library stay as they are.
#   mysql-server.sh FOLDER
set -euo pipefail

folder=${1:?usage: mysql-server.sh FOLDER}
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ -e "$folder/complete" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,archives/partial,etc,root}
: >"$work/status"
# The mirror that this machine is set up with.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian/} sid main" >"$work/sources.list"
export APT_CONFIG=$work/apt.conf
cat >"$APT_CONFIG" <<APT
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::main "-";
Dir::Etc::parts "$work/etc";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
Dir::Log "$work";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Install-Recommends "0";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Debug::NoLocking "1";
APT

apt-get -q update
server=mysql-server-core
for version in 8.4 8.0; do
  if [ -n "$(apt-cache show "$server-$version" 2>/dev/null)" ]; then server=$server-$version; break; fi
done
apt-get -qy --download-only install "$server"
# One tree for all paths, as Debian has it since /usr was merged.
for name in bin sbin lib lib64; do
  mkdir -p "$work/root/usr/$name"
  ln -s "usr/$name" "$work/root/$name"
done
for package in "$work"/archives/*.deb; do
  case ${package##*/} in perl*|libperl*|libgdbm*|libdb5*) continue ;; esac # only its helper scripts are Perl
  dpkg-deb -x "$package" "$work/root"
done
rm -rf "$folder"
mv "$work/root" "$folder"
touch "$folder/complete"
