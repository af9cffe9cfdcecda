#!/usr/bin/env bash
# ./dev up [--check] [--keep DIR] [--json]: build what ships, then let the command
# line start the server and play the main job. With --json standard output is its
# JSON alone: how the build goes is told on standard error.
set -euo pipefail
# shellcheck source=tools/dev/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tools/dev/setup.sh
source "${ROOT}/tools/dev/setup.sh"
# shellcheck source=tools/dev/cmake.sh
source "${ROOT}/tools/dev/cmake.sh"

prepare() {
  set_up build
  build dev limpidd limpid
}
case " $* " in
  *' --json '*) prepare >&2 ;;
  *) prepare ;;
esac
shared="${LIMPID_SHARED:-${ROOT}/../shared}"
material=()
[[ ! -d "${shared}" ]] || material=(--shared "${shared}")
exec "${BUILD}/release/bin/limpid" up "${material[@]}" "$@"
