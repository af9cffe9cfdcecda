#!/usr/bin/env bash
# ./dev build [TARGET...]: the preset dev, everything or the named targets.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

for target in "$@"; do
  [[ "${target}" != -* ]] || fail "build does not know \"${target}\"." \
    'Usage: ./dev build [TARGET...]'
done
set_up build
build dev "$@"
say 'built: the programs are in build/release/bin'
