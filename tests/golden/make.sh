#!/usr/bin/env bash
# tests/golden/make.sh NAME: what a server and its persons keep, as this build
# writes it, with the answers it gives, into tests/golden/NAME.tar.xz. Made once
# for each change of a stored format; never made again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
bin=${LIMPID_BIN_DIR:-$here/../../build/release/bin}
limpid="$bin/limpid"
limpidd="$bin/limpidd"
name=${1:?usage: make.sh NAME}
[[ ! -e $here/$name.tar.xz ]] || {
  echo "$name is there: a golden store is never made again" >&2
  exit 2
}
work=$(mktemp -d)
server=0
# shellcheck source=tests/golden/lib.sh
source "$here/lib.sh"
trap 'stop; rm -rf "$work"' EXIT

# The main job: a register, services, grants, reads, a withdrawal.
"$limpid" up --check --shared "$work/nowhere" --keep "$work/world" >"$work/up.out"
# shellcheck disable=SC2119  # no words for limpidd
serve
# What the main job does not touch.
as anna put person.name '{"family": "Jansen", "given": "Anna"}'
as anna put person.name '{"family": "Jansen-Smit", "given": "Anna"}'
as anna put person.language nl
as anna put person.language fr
as anna erase person.language 1 --yes
as anna put person.email anna@example.org --sealed
as boris put person.name '{"family": "Bakker", "given": "Boris"}'
as boris erase-everything --yes
holder=$(as anna holds | sed -n 's/.*"holder_id": *"\([^"]*\)".*/\1/p')
"$limpid" --certificate "$work/world/server/clients/admin.pem" \
  --key "$work/world/server/clients/admin.key" \
  admin hold "$holder" --ground legal-claims --reason "golden"
mkdir "$work/expected"
answers "$work/expected"
stop
cd "$work"
tar --sparse --sort=name --owner=0 --group=0 -cJf "$here/$name.tar.xz" world expected
ls -l "$here/$name.tar.xz"
