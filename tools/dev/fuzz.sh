#!/usr/bin/env bash
# ./dev fuzz [TARGET] [SECONDS]: libFuzzer on one parser, 60 s unless told. New
# inputs go to build/fuzz/corpus; a crash is kept in build/fuzz and named.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

set_up build fuzz
configure fuzz
names() {
  ninja -C "${BUILD}/fuzz" -t targets all |
    sed -n 's/^fuzz_\([^:/]*\): phony.*/\1/p' | sort
}
if [[ $# -eq 0 ]]; then
  say 'fuzz targets:'
  names
  exit 0
fi
name="$1"
seconds="${2:-60}"
names | grep -qx -- "${name}" ||
  fail "no fuzz target \"${name}\"." "There are: $(names | tr '\n' ' ')"
[[ "${seconds}" =~ ^[1-9][0-9]*$ ]] || fail "not a number of seconds: ${seconds}" \
  'Usage: ./dev fuzz [TARGET] [SECONDS]'
build fuzz "fuzz_${name}"
found="${BUILD}/fuzz/corpus/${name}"
mkdir -p "${found}"
say "fuzzing ${name} for ${seconds} s"
"${BUILD}/fuzz/fuzz/fuzz_${name}" -max_total_time="${seconds}" -timeout=10 \
  -artifact_prefix="${BUILD}/fuzz/crash-${name}-" -print_final_stats=1 \
  "${found}" "${ROOT}/tests/fuzz/corpus/${name}"
