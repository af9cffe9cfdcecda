#!/usr/bin/env bash
# ./dev bench NAME [--json FILE]: one benchmark; further arguments are its own.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

set_up build
configure dev
names() {
  ninja -C "${BUILD}/release" -t targets all |
    sed -n 's/^bench_\([^:/]*\): phony.*/\1/p' | sort
}
if [[ $# -eq 0 ]]; then
  say 'benchmarks:'
  names
  exit 0
fi
name="$1"
[[ "${name}" != -* ]] || fail "the name comes before \"${name}\"." \
  'Usage: ./dev bench NAME [--json FILE]; without NAME it lists them'
shift
names | grep -qx -- "${name}" ||
  fail "no benchmark \"${name}\"." "There are: $(names | tr '\n' ' ')"
build dev "bench_${name}" >&2
exec "${BUILD}/release/bench/bench_${name}" "$@"
